import { MASTER_TENANT_ID } from '@/lib/master'
import { parseScope } from '@/lib/access'
import type { HeldRole } from '@/server/authz/reach'
import { idsOf } from '@/server/features/roles/roles.access'
import { namesOf } from '@/server/features/roles/roles.repo'
import type { Giver } from '@/server/authz/cover'
import { reachSql } from '@/server/authz/reach-sql'
import { sightSql } from '@/server/authz/sight'
import type { StoredRole } from '@/server/authz/rights'
import type { SignedInOp } from '@/server/context/op'
import { inDrill, inTenant, mutate, type Mutation, rehearse, type Tx, type WriteTx } from '@/server/db/scope'
import { type Sql, sql } from '@/server/db/sql'
import { capOfTenant } from '@/server/features/roles/tenant-roles.repo'
import { subtenantOf } from '@/server/features/tenants/tenants.service'
import { conflict, invalidField, notFound } from '@/server/platform/errors'

/** Whose roles, and who works on them. */
export interface RolesOf {
  op: SignedInOp
  tenant: { id: string; name: string; cap: (StoredRole & { name: string }) | null }
  giver: Giver
  /** What the person sees of `resource r`: names and pickers say no more. */
  seen: Sql
}

/** Roles with the way to them: the same services work on one's own tenant's and, for the provider, on a subtenant's. */
export interface RoleScope extends RolesOf {
  read: <T>(fn: (tx: Tx) => Promise<T>) => Promise<T>
  /** `now`: the same, by the rights that are left under the lock. @param exclusive what is waited for, see MutateOptions */
  write: <T>(fn: (m: Mutation, now: RolesOf) => Promise<T>, exclusive?: string[]) => Promise<T>
  /** Does it and takes it back. */
  rehearse: <T>(fn: (tx: WriteTx, now: RolesOf) => Promise<T>) => Promise<T>
}

function ownOf(op: SignedInOp): RolesOf {
  const { id, name, isMaster, cap } = op.tenant
  const seen = sightSql({ tenantId: id, isMaster })
  return {
    op,
    tenant: { id, name, cap },
    giver: { provider: false, rights: op.rights, reach: op.reach },
    seen: sql`${seen} and ${reachSql(op.reach, 'see') ?? sql`true`}`,
  }
}

/**
 * The same, for features that assign roles.
 * @param tenant the subtenant, where the provider acts in it
 */
export const ownedRoles = (
  op: SignedInOp,
  giver: Giver,
  tenantId: string,
  tenant?: RolesOf['tenant'],
): RolesOf =>
  giver.provider
    ? {
        op,
        giver,
        tenant: tenant ?? { id: tenantId, name: '', cap: null },
        seen: sightSql({ tenantId, isMaster: false }),
      }
    : ownOf(op)

/** The tenant of the provider's people, with its cap. In the master. */
export const capOf = (op: SignedInOp, tenantId: string) => inTenant(op, (tx) => capOfTenant(tx, tenantId))

/** The roles of the acting tenant. */
export function ownRoles(op: SignedInOp): RoleScope {
  const fresh = (now: Mutation['fresh']) => ownOf({ ...op, ...now })
  return {
    ...ownOf(op),
    read: (fn) => inTenant(op, fn),
    write: (fn, exclusive) => mutate(op, (m) => fn(m, fresh(m.fresh)), { exclusive }),
    rehearse: (fn) => rehearse(op, (tx, now) => fn(tx, fresh(now))),
  }
}

/** The roles of a subtenant, for its provider, whom its cap alone holds. @throws AppError 404; 400 for the master tenant itself */
export async function providedRoles(op: SignedInOp, tenantId: string): Promise<RoleScope> {
  if (tenantId === MASTER_TENANT_ID)
    throw invalidField('tenantId', 'The roles of the master tenant are under Settings > Roles')
  const { id, name, status } = await subtenantOf(op, tenantId)
  const cap = await inTenant(op, (tx) => capOfTenant(tx, id))
  const seen = sightSql({ tenantId: id, isMaster: false })
  const of = (now: SignedInOp): RolesOf => ({
    op: now,
    tenant: { id, name, cap },
    giver: { provider: true, rights: now.rights },
    seen,
  })
  return {
    ...of(op),
    read: (fn) => inDrill(op, id, fn),
    write: (fn, exclusive) =>
      mutate(
        op,
        (m) => {
          if (status === 'deleted') throw conflict('This tenant is deleted. Restore it first.')
          return fn(m, of({ ...op, ...m.fresh }))
        },
        { provider: id, exclusive },
      ),
    rehearse: (fn) => rehearse(op, (tx, now) => fn(tx, of({ ...op, ...now })), { provider: id }),
  }
}

/** Names of all that these roles and their scopes are about, as far as the person sees it. */
export function namesOfRoles(of: RolesOf, tx: Tx, roles: readonly HeldRole[]): Promise<Map<string, string>> {
  const scopes = roles.flatMap(({ scope }) => {
    const place = parseScope(scope ?? '')
    return place === null || place.kind === 'tag' ? [] : [place.value]
  })
  const ids = new Set([...roles.flatMap(({ access }) => idsOf(access ?? {})), ...scopes])
  return namesOf(tx, of.tenant.id, [...ids], of.seen)
}

/** @throws AppError 404 */
export function found<T>(row: T | null): T {
  if (row === null) throw notFound()
  return row
}
