import type { ReactNode } from 'react'
import { currentOp } from '@/app/_lib/op'
import { prefixOf } from '@/app/_lib/prefix'
import { consolePaths } from '@/lib/paths'
import { LinkTabs } from '@/ui/link-tabs'
import { PageHeader } from '@/ui/page-header'

/** Frame of the account pages. It authorises nothing and shows nothing of anyone: each page does. */
export default async function AccountLayout({ children }: { children: ReactNode }) {
  const op = await currentOp()
  if (!op.actor) return children
  const paths = consolePaths(prefixOf(op))
  const tabs = [
    { label: 'Overview', href: paths.account },
    ...(op.impersonator
      ? []
      : [
          { label: 'Sessions', href: paths.sessions },
          { label: 'Password', href: paths.password },
          { label: 'Security', href: paths.accountSecurity },
        ]),
  ]
  return (
    <>
      <PageHeader
        title="Your account"
        description="Who you are, where you are signed in, and what you may do here."
      />
      <LinkTabs items={tabs} label="Account" />
      <div className="mt-6">{children}</div>
    </>
  )
}
