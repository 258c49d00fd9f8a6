'use client'

import { api } from '@/app/_lib/api-client'
import { ConnectionForm } from '@/app/(console)/settings/identity/connection-form'
import { RenewDialog } from '@/app/(console)/settings/identity/renew-dialog'
import { ItemButtons, people, useItem } from '@/app/(console)/settings/identity/item'
import type { Made } from '@/app/(console)/settings/identity/token-reveal'
import type { ConnectionList, ConnectionRow } from '@/server/features/provisioning/provisioning.schema'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { DescriptionList } from '@/ui/description-list'
import { RelativeTime } from '@/ui/relative-time'

type Asked = 'edit' | 'renew' | 'disable' | 'delete'
const groupsOf = (n: number) => (n === 1 ? '1 group' : `${n} groups`)

function Facts({ connection, baseUrl }: { connection: ConnectionRow; baseUrl: string }) {
  const { source, defaultRole, roles, users, groups, lastUsedAt, tokenExpiresAt } = connection
  return (
    <DescriptionList
      items={[
        { label: 'Base URL', value: baseUrl, mono: true, copy: baseUrl },
        {
          label: 'Provisioned',
          value: users + groups === 0 ? 'Nobody yet' : `${people(users)}, ${groupsOf(groups)}`,
        },
        { label: 'Last used', value: lastUsedAt === null ? 'Not yet' : <RelativeTime date={lastUsedAt} /> },
        {
          label: 'Token ends',
          value: tokenExpiresAt === null ? 'When it is renewed' : <RelativeTime date={tokenExpiresAt} />,
        },
        { label: 'Its people sign in by', value: source?.name ?? 'A password that they set by mail' },
        {
          label: 'Groups and roles',
          value:
            roles.length === 0 ? 'None' : roles.map(({ group, role }) => `${group}: ${role.name}`).join(', '),
        },
        { label: 'In no group of these', value: defaultRole?.name ?? 'No role' },
      ]}
    />
  )
}

function State({ connection: { enabled, tokenExpired } }: { connection: ConnectionRow }) {
  if (!enabled) return <Badge>Disabled</Badge>
  return tokenExpired ? <Badge tone="warning">Token ended</Badge> : <Badge tone="success">Enabled</Badge>
}

interface Props {
  connection: ConnectionRow
  list: ConnectionList
  onToken: (made: Made) => void
}

/** One connection: what it is, and what can be done to it. */
export function ConnectionItem({ connection, list, onToken }: Props) {
  const { asked, setAsked, close, pending, error, run } = useItem<Asked>()
  const { id, name, enabled, users, groups, why } = connection
  const disable = () => run(() => api().provisioning.disable.mutate({ id }), `${name} is disabled`)
  const enable = () => run(() => api().provisioning.enable.mutate({ id }), `${name} is enabled`)
  const remove = () =>
    run(() => api().provisioning.delete.mutate({ id, confirmName: name }), `${name} is deleted`)
  return (
    <Card
      title={
        <span className="flex items-center gap-2">
          {name}
          <State connection={connection} />
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
          <Button size="sm" disabledReason={why.rotate} onClick={() => setAsked('renew')}>
            Renew token
          </Button>
        </ItemButtons>
      }
    >
      <Facts connection={connection} baseUrl={list.baseUrl} />
      {asked === 'edit' && (
        <ConnectionForm connection={connection} list={list} onClose={close} onToken={onToken} />
      )}
      {asked === 'renew' && <RenewDialog connection={connection} onClose={close} onToken={onToken} />}
      <ConfirmDialog
        open={asked === 'disable'}
        onOpenChange={close}
        title={`Disable ${name}?`}
        description="Its token is refused until you enable it again."
        consequences={
          users === 0 ? [] : [`${people(users)} stay as they are, also if your directory deactivates them`]
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
        description="Its token ends. It cannot be undone: another connection does not take over its people."
        consequences={[
          ...(users === 0 ? [] : [`${people(users)} keep account and roles, and are yours to edit`]),
          ...(groups === 0 ? [] : [`${groupsOf(groups)} are forgotten`]),
        ]}
        confirmText={users === 0 ? undefined : name}
        confirmLabel="Delete"
        pending={pending}
        error={error}
        onConfirm={() => void remove()}
      />
    </Card>
  )
}
