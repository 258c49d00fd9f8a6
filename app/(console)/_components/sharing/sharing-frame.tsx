import type { ReactNode } from 'react'
import type { ConsolePaths } from '@/lib/paths'
import { Alert } from '@/ui/alert'
import { Card } from '@/ui/card'
import { CopyButton } from '@/ui/copy-button'
import { LinkTabs } from '@/ui/link-tabs'
import { PageHeader } from '@/ui/page-header'

interface Props {
  paths: ConsolePaths
  /** Null in the master tenant, with which nobody shares. */
  address: string | null
  /** Rows of the page; those that end within a week are announced. */
  rows: readonly { name: string; endsInDays: number | null }[]
  children: ReactNode
}

/** What both pages of sharing have: the tenant's sharing address, and what ends soon. */
export function SharingFrame({ paths, address, rows, children }: Props) {
  const ending = rows.filter(({ endsInDays }) => endsInDays !== null)
  const tabs = [
    { label: 'Outgoing', href: paths.sharing },
    { label: 'Incoming', href: paths.sharingIncoming },
  ]
  return (
    <>
      <PageHeader
        title="Sharing"
        description={
          address === null
            ? 'What the master tenant shares with its tenants.'
            : 'What this tenant shares with others, and others with it.'
        }
        tabs={address === null ? undefined : <LinkTabs label="Sharing" items={tabs} />}
      />
      <div className="grid gap-4">
        {ending.length > 0 && (
          <Alert
            tone="warning"
            title={
              ending.length === 1 ? 'A share ends within a week' : `${ending.length} shares end within a week`
            }
          >
            {ending.map(({ name }) => name).join(', ')}. Its owner can move the end.
          </Alert>
        )}
        {address !== null && (
          <Card>
            <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
              <span className="text-muted">Sharing address of this tenant</span>
              <span className="flex min-w-0 items-center gap-1">
                <code className="font-mono text-xs wrap-anywhere">{address}</code>
                <CopyButton value={address} label="sharing address" />
              </span>
              <span className="basis-full text-xs text-muted">
                Give it to who wants to share something with you. It opens nothing by itself.
              </span>
            </div>
          </Card>
        )}
        {children}
      </div>
    </>
  )
}
