import type { StoredAccess } from '@/lib/access'
import { atLeast, type Levels } from '@/lib/permissions'
import { MASTER_TENANT_ID } from '@/lib/master'
import { gateOf, type LicenceState } from '@/server/authz/gate'
import { reachOf } from '@/server/authz/reach'
import { effectiveRights } from '@/server/authz/rights'
import type { Impersonator, OpContext } from '@/server/context/op'
import { env } from '@/server/platform/env'

interface RoleRow {
  id: string
  name: string
  builtIn: string | null
  levels: Levels
}

/** An assignment with its role. */
interface HeldRow extends RoleRow {
  access: StoredAccess
  landing: string
  scope: string
  expiresAt: string | null
}

interface ImpersonationRow {
  id: string
  reason: string
  readOnly: boolean
  endsAt: string
  from: string
  actor: {
    id: string
    username: string
    firstName: string
    lastName: string
    homeTenantId: string
    roles: HeldRow[]
  }
}

/** What wall.auth_context() and its kin answer. */
export interface AuthRow {
  install: { multiTenant: boolean; setupDone: boolean; installId: string; licence: LicenceState | null }
  tenant: null | {
    id: string
    slug: string
    name: string
    icon: string
    status: 'active' | 'disabled' | 'deleted'
    currency: string
    cap: (RoleRow & { sharing: boolean; landing: string }) | null
  }
  session: null | {
    id: string
    createdAt: string
    absoluteExpiresAt: string
    breakGlass?: true
    impersonation?: ImpersonationRow | null
  }
  user: null | {
    id: string
    username: string
    firstName: string
    lastName: string
    email: string
    homeTenantId: string
    parentLevel: boolean
    mustChangePassword: boolean
  }
  roles: HeldRow[]
  /** From an address: whether the tenant's list lets it in, and whether the master's does. */
  here?: boolean
  provider?: boolean
}

/** The part of an operation that the database decides, worked out anew for every request and again inside every mutation. */
export function buildAuthority(
  row: AuthRow,
): Pick<OpContext, 'gate' | 'setupDone' | 'tenant' | 'actor' | 'impersonator' | 'rights' | 'reach'> {
  const { tenant } = row
  const acting = row.session?.impersonation ?? null
  // Without the permission now it is nobody's session any more (rule 12); rights are the user's, no more and no less (attack F17).
  const user = acting && !mayImpersonate(acting) ? null : row.user
  return {
    gate: gateOf(env().MULTI_TENANT_ENABLED, row.install.multiTenant, row.install.licence),
    setupDone: row.install.setupDone,
    tenant: tenant && { ...tenant, isMaster: tenant.id === MASTER_TENANT_ID, cap: tenant.cap },
    actor: user && {
      userId: user.id,
      username: user.username,
      displayName: nameOf(user),
      email: user.email,
      homeTenantId: user.homeTenantId,
      parentLevel: user.parentLevel,
      mustChangePassword: user.mustChangePassword,
      roles: row.roles,
    },
    impersonator: acting && user && impersonatorOf(acting),
    rights: effectiveRights(user ? row.roles : [], tenant?.cap ?? null),
    reach: reachOf(tenant?.id ?? '', user?.id ?? '', user ? row.roles : [], tenant?.cap ?? null),
  }
}

const nameOf = (person: { username: string; firstName: string; lastName: string }): string =>
  `${person.firstName} ${person.lastName}`.trim() || person.username

/** The admin's own rights, in the master: no cap stands over them there. */
const mayImpersonate = ({ actor }: ImpersonationRow): boolean =>
  atLeast(effectiveRights(actor.roles, null).impersonate, 'full')

const impersonatorOf = ({ id, reason, readOnly, endsAt, from, actor }: ImpersonationRow): Impersonator => ({
  id,
  userId: actor.id,
  username: actor.username,
  displayName: nameOf(actor),
  reason,
  readOnly,
  endsAt,
  from,
})
