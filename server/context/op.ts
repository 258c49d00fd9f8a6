import type { ResolvedTenant } from '@/lib/host'
import { atLeast, type Level, type Permission, type Rights } from '@/lib/permissions'
import type { Gate } from '@/server/authz/gate'
import type { HeldRole, Reach } from '@/server/authz/reach'
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
  cap: (StoredRole & { id: string; name: string; sharing: boolean; landing: string }) | null
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
  /** One entry an assignment: the same role may be held in several scopes. */
  roles: (HeldRole & { id: string; name: string; landing: string; expiresAt: string | null })[]
}

/** Who acts in truth, where the actor is the user of a subtenant that somebody of the master acts as (PRODUCT rule 12). */
export interface Impersonator {
  /** Of the impersonation. */
  id: string
  userId: string
  username: string
  displayName: string
  reason: string
  readOnly: boolean
  /** ISO time at which it is over, whatever is done. */
  endsAt: string
  /** Path on the master's host that it was begun from. */
  from: string
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
  /** Somebody of the master acts as `actor`; null: it is the person. */
  impersonator: Impersonator | null
  session: {
    id: string
    tokenHash: string
    createdAt: string
    absoluteExpiresAt: string
    /** Opened by emergency access: good from any address, and said so on every page. */
    breakGlass?: true
  } | null
  /** Best level per permission: what a declaration asks. */
  rights: Rights
  /** How far they reach inside the tenant: what a single resource asks. */
  reach: Reach
  /** The procedure or page under way, set when it is authorised. */
  call: { name: string; declaration: Declaration; audited: boolean } | null
  /** The browser holds the cookie of an impersonation that is over: nobody is signed in until it is gone. */
  staleImpersonation?: boolean
  /** This address is not on the tenant's list: nobody is signed in, and nothing answers that does not say so (docs/accounts.md). */
  barred?: true
  /** Nor on the master's, which counts for its people on their way into a tenant. */
  barredFromProvider?: true
  /** A background task that runs as who asked for it, and which attempt this is; there is no session then. */
  task?: { id: string; attempt: number }
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
