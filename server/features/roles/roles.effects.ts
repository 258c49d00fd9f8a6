import type { Effect } from '@/lib/effects'
import { MASTER_TENANT_ID } from '@/lib/master'
import { effectsOf, type Holder } from '@/server/authz/effects'
import type { AuditEntry } from '@/server/db/audit-write'
import { eventOf, linesOf, MOST_LOGS } from '@/server/db/audit-write'
import type { Mutation, ScopeOp, Tx } from '@/server/db/scope'
import { callSystem } from '@/server/db/system'
import { idsOf } from './roles.access'
import { idsOfScopes } from './roles.places'
import * as repo from './roles.repo'
import { type Effects, MAX_EFFECTS } from './roles.schema'
import type { RolesOf } from './roles.scope'

/** Names of all that these people's roles are about, as far as whoever asks sees them. */
async function namesOf(of: RolesOf, tx: Tx, holders: readonly Holder[]) {
  const held = holders.flatMap(({ roles }) => roles)
  const scopes = idsOfScopes(held.map(({ scope }) => scope ?? ''))
  const ids = new Set([...held.flatMap(({ access }) => idsOf(access ?? {})), ...scopes])
  return repo.namesOf(tx, of.tenant.id, [...ids], of.seen)
}

/** Runs a change of what these people of the tenant hold. @returns who gains and who loses what by it */
export async function withEffects(
  of: RolesOf,
  tx: Tx,
  which: { users?: readonly string[]; roles?: readonly string[] },
  apply: () => Promise<unknown>,
): Promise<Effect[]> {
  const before = await repo.peopleHolding(tx, of.tenant, which)
  await apply()
  const users = [...new Set([...before.map(({ key }) => key), ...(which.users ?? [])])]
  const after = await repo.peopleHolding(tx, of.tenant, { users })
  return effectsOf(before, after, await namesOf(of, tx, [...before, ...after]))
}

/** As withEffects, of a role: of a template in all subtenants. */
export async function withRoleEffects(
  of: RolesOf,
  tx: Tx,
  role: Pick<repo.RoleRecord, 'id' | 'multiTenant'>,
  apply: () => Promise<unknown>,
): Promise<Effect[]> {
  if (of.tenant.id !== MASTER_TENANT_ID || !role.multiTenant)
    return withEffects(of, tx, { roles: [role.id] }, apply)
  const before = await repo.holderSets(tx, role.id, null)
  await apply()
  const after = await repo.holderSets(tx, role.id, null)
  return effectsOf(before, after, await namesOf(of, tx, [...before, ...after]))
}

/** As an answer has them: the first, and how many more. */
export const effectsAnswer = (effects: readonly Effect[]): Effects => ({
  lines: effects.slice(0, MAX_EFFECTS),
  more: Math.max(0, effects.length - MAX_EFFECTS),
})

/**
 * Says what happened with who gained and lost what. The logs of the first hundred tenants get their lines with the change itself; of the
 * others after it: a transaction cannot hold the chains of ten thousand logs.
 */
export function auditEffects(
  op: ScopeOp,
  m: Pick<Mutation, 'audit' | 'after'>,
  entry: AuditEntry,
  effects: readonly Effect[],
): void {
  m.audit({ ...entry, effects })
  const rest = [...new Set(effects.map(({ tenantId }) => tenantId))]
    .filter((id) => id !== op.tenant.id)
    .slice(MOST_LOGS)
  if (rest.length === 0) return
  const name = `${op.actor.displayName} (${op.actor.username})`
  m.after(async () => {
    for (const tenantId of rest)
      await callSystem('audit_system', [
        tenantId,
        null, // by id it would be told in the log of the person's home, too, once for each
        name,
        eventOf(op, entry, linesOf(effects, tenantId)),
      ])
  })
}
