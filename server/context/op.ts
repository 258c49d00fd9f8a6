import type { ResolvedTenant } from '@/lib/host'
import { atLeast, type Level, type Permission, type Rights } from '@/lib/permissions'
import type { Gate } from '@/server/authz/gate'
import type { StoredRole } from '@/server/authz/rights'
import type { Declaration } from '@/server/rpc/declaration'

/** The tenant an operation acts in. `cap` is null for the master. */
export interface OpTenant {
  id: string
  slug: string
  name: string
  icon: string
  status: 'active' | 'disabled' | 'deleted'
  currency: string
  isMaster: boolean
  cap: (StoredRole & { id: string; name: string; sharing: boolean }) | null
}

export interface OpActor {
  userId: string
  username: string
  /** First and last name, or the username. */
  displayName: string
  email: string
  homeTenantId: string
  parentLevel: boolean
  mustChangePassword: boolean
  roles: { id: string; name: string; builtIn: string | null }[]
}

/**
 * Who acts, in which tenant, with what rights: the first argument of every service, built once at the edge from the
 * session in the database (server/context/build.ts), never from what the caller says.
 */
export interface OpContext {
  requestId: string
  ip: string
  userAgent: string
  host: ResolvedTenant
  gate: Gate
  setupDone: boolean
  tenant: OpTenant | null
  actor: OpActor | null
  session: { id: string; tokenHash: string; createdAt: string; absoluteExpiresAt: string } | null
  rights: Rights
  /** The procedure or page under way, set when it is authorised. */
  call: { name: string; declaration: Declaration; audited: boolean } | null
}

/** An operation by a signed-in person in a tenant that exists. */
export type SignedInOp = OpContext & {
  tenant: OpTenant
  actor: OpActor
  session: NonNullable<OpContext['session']>
}

/** The literal question: may this operation do that? */
export function can(op: Pick<OpContext, 'rights'>, permission: Permission, level: Level): boolean {
  return atLeast(op.rights[permission], level)
}
