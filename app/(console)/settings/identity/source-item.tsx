'use client'

import { api } from '@/app/_lib/api-client'
import { ItemButtons, people, useItem } from '@/app/(console)/settings/identity/item'
import { kindOnPage } from '@/app/(console)/settings/identity/kinds'
import { SourceForm } from '@/app/(console)/settings/identity/source-form'
import { TestButton } from '@/app/(console)/settings/identity/test-button'
import type { SourceList, SourceRow } from '@/server/features/identity/identity.schema'
import { Badge } from '@/ui/badge'
import { Card } from '@/ui/card'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { DescriptionList } from '@/ui/description-list'

type Asked = 'edit' | 'disable' | 'delete'

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
  const { asked, setAsked, close, pending, error, run } = useItem<Asked>()
  const { id, name, enabled, users, why } = source
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
        <ItemButtons
          enabled={enabled}
          why={why}
          pending={pending}
          ask={setAsked}
          enable={() => void enable()}
        >
          <TestButton provider={source.provider} id={id} names={source} disabledReason={why.edit} />
        </ItemButtons>
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
