import type { RoleDetail } from '@/server/features/roles/roles.schema'
import { Badge } from '@/ui/badge'
import { Card } from '@/ui/card'
import { formatDate } from '@/ui/format-time'

/** So many are told. */
const FIRST = 20

/** Who holds a role: people of this tenant, or the subtenants in which a template is held. */
export function RoleHolders({ role }: { role: RoleDetail }) {
  const inTenants = role.multiTenant && role.origin === 'own'
  if (inTenants)
    return (
      <Card title="Where it is held" padded={false}>
        {role.usedIn.length === 0 ? (
          <p className="p-4 text-sm text-muted">
            In no subtenant yet. Give it to people under Tenants, on the tenant’s page.
          </p>
        ) : (
          <ul className="divide-y divide-line text-sm">
            {role.usedIn.map((tenant) => (
              <li
                key={`${tenant.id} ${tenant.diverged}`}
                className="flex items-center justify-between gap-3 px-4 py-2"
              >
                <span className="flex items-center gap-2">
                  {tenant.name}
                  {tenant.diverged && <Badge tone="warning">Edited there</Badge>}
                </span>
                <span className="text-muted">
                  {tenant.users === 1 ? '1 person' : `${tenant.users} people`}
                </span>
              </li>
            ))}
          </ul>
        )}
      </Card>
    )
  return (
    <Card
      title="Who holds it"
      description={role.holders.length >= FIRST ? `The first ${FIRST}` : undefined}
      padded={false}
    >
      {role.holders.length === 0 ? (
        <p className="p-4 text-sm text-muted">Nobody yet. Give it to people under Users.</p>
      ) : (
        <ul className="divide-y divide-line text-sm">
          {role.holders.map((one) => (
            <li
              key={`${one.id} ${one.scope}`}
              className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1 px-4 py-2"
            >
              <span className="min-w-0 truncate">{one.name}</span>
              <span className="flex min-w-0 flex-wrap items-center gap-2">
                <span className="min-w-0 truncate text-muted">{one.place || 'Whole tenant'}</span>
                {one.expiresAt !== null && <End at={one.expiresAt} ended={one.ended} />}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}

function End({ at, ended }: { at: string; ended: boolean }) {
  const day = formatDate(Date.parse(at))
  return ended ? <Badge tone="warning">Ended {day}</Badge> : <Badge>Until {day}</Badge>
}
