'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import { kindOnPage } from '@/app/(console)/settings/identity/kinds'
import { SourceForm } from '@/app/(console)/settings/identity/source-form'
import { TestButton } from '@/app/(console)/settings/identity/test-button'
import type { SourceList, SourceRow } from '@/server/features/identity/identity.schema'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { DescriptionList } from '@/ui/description-list'
import { toast } from '@/ui/toast'

type Asked = 'edit' | 'disable' | 'delete'
const people = (n: number) => (n === 1 ? '1 person' : `${n} people`)
const signedOut = (n: number) => (n === 0 ? undefined : `${n === 1 ? '1 session' : `${n} sessions`} ended.`)

function Facts({ source }: { source: SourceRow }) {
  const { issuer, provider, facts, addresses, defaultRole, roles, users, createUsers } = source
  return (
    <DescriptionList
      columns={1}
      items={[
        { label: 'Kind', value: kindOnPage(provider.kind).label },
        { label: kindOnPage(provider.kind).issuerLabel, value: issuer, mono: true, copy: issuer },
        ...facts,
        ...addresses.map(({ label, value }) => ({
          label: `${label}, to register there`,
          value,
          mono: true,
          copy: value,
        })),
        { label: 'People by it', value: users === 0 ? 'Nobody yet' : people(users) },
        { label: 'Somebody new', value: createUsers ? 'Gets an account' : 'Is turned away' },
        {
          label: 'Groups and roles',
          value:
            roles.length === 0 ? 'None' : roles.map(({ claim, role }) => `${claim}: ${role.name}`).join(', '),
        },
        { label: 'In no group of these', value: defaultRole?.name ?? 'Is turned away' },
      ]}
    />
  )
}

/** One source: what it is, and what can be done to it. */
export function SourceItem({ source, list }: { source: SourceRow; list: SourceList }) {
  const router = useRouter()
  const [asked, setAsked] = useState<Asked | null>(null)
  const [pending, setPending] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const { id, name, enabled, users, why } = source
  const close = () => {
    setAsked(null)
    setError(null)
  }
  const run = async (work: () => Promise<{ id: string; sessionsEnded?: number }>, done: string) => {
    setPending(true)
    try {
      const { sessionsEnded = 0 } = await work()
      toast.success(done, { description: signedOut(sessionsEnded) })
      close()
      router.refresh()
    } catch (reason) {
      setError(problemOf(reason).message)
      if (asked === null) toast.error(problemOf(reason).message)
    } finally {
      setPending(false)
    }
  }
  const disable = () => run(() => api().identity.disable.mutate({ id }), `${name} is disabled`)
  const enable = () => run(() => api().identity.enable.mutate({ id }), `${name} is enabled`)
  const remove = () =>
    run(() => api().identity.delete.mutate({ id, confirmName: name }), `${name} is deleted`)
  return (
    <Card
      title={
        <span className="flex items-center gap-2">
          {name}
          <Badge tone={enabled ? 'success' : 'neutral'}>{enabled ? 'Enabled' : 'Disabled'}</Badge>
        </span>
      }
      footer={
        <div className="flex flex-wrap gap-2">
          <Button size="sm" disabledReason={why.edit} onClick={() => setAsked('edit')}>
            Edit
          </Button>
          <TestButton provider={source.provider} id={id} names={source} disabledReason={why.edit} />
          {enabled ? (
            <Button size="sm" disabledReason={why.disable} onClick={() => setAsked('disable')}>
              Disable
            </Button>
          ) : (
            <Button size="sm" loading={pending} disabledReason={why.enable} onClick={() => void enable()}>
              Enable
            </Button>
          )}
          <Button
            size="sm"
            variant="danger-outline"
            disabledReason={why.delete}
            onClick={() => setAsked('delete')}
          >
            Delete
          </Button>
        </div>
      }
    >
      <Facts source={source} />
      {asked === 'edit' && (
        <SourceForm kind={source.provider.kind} source={source} list={list} onClose={close} />
      )}
      <ConfirmDialog
        open={asked === 'disable'}
        onOpenChange={close}
        title={`Disable ${name}?`}
        description="Its button goes from the sign-in page. You can enable it again."
        consequences={
          users === 0 ? [] : [`${people(users)} signed in by it can not sign in, and are signed out now`]
        }
        confirmLabel="Disable"
        pending={pending}
        error={error}
        onConfirm={() => void disable()}
      />
      <ConfirmDialog
        open={asked === 'delete'}
        onOpenChange={close}
        title={`Delete ${name}?`}
        description="Who they are there is forgotten. It cannot be undone."
        consequences={
          users === 0
            ? []
            : [
                `${people(users)} keep their account and roles, but cannot sign in until you set them a password`,
                'Their sessions end now',
              ]
        }
        confirmText={users === 0 ? undefined : name}
        confirmLabel="Delete"
        pending={pending}
        error={error}
        onConfirm={() => void remove()}
      />
    </Card>
  )
}
