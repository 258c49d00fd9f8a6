import { MASTER_TENANT_ID } from '@/lib/master'
import type { SignedInOp } from '@/server/context/op'
import { inTenant, type Tx } from '@/server/db/scope'
import { grantRefusal } from '@/server/features/roles/roles.policy'
import { ownPeople } from '@/server/features/users/users.people'
import { conflict, invalidField, notFound } from '@/server/platform/errors'
import * as repo from './invitations.all.repo'
import type { LowerInvitation, RaiseInvitations } from './invitations.all.schema'
import { inviteIntoMany } from './invitations.many.service'
import { parentRefusal } from './invitations.policy'
import { revokeInvitations } from './invitations.repo'
import {
  assertMayGive,
  assertMayMail,
  assertMayTake,
  ended,
  type Inviting,
  plan,
  send,
} from './invitations.service'

type Found = repo.AllInvitationsRecord

/** The pending ones of these ids, all at that level. @throws AppError 404, 409; 400 on `field` at the other level */
async function pendingAt(tx: Tx, ids: readonly string[], field: string, parent: boolean): Promise<Found[]> {
  const found = await repo.findInvitations(tx, ids)
  if (found.length !== ids.length) throw notFound()
  for (const { tenantId, outcome } of found) {
    if ((tenantId === MASTER_TENANT_ID) !== parent)
      throw invalidField(
        field,
        parent ? 'This is at tenant level already' : 'This is at parent level already',
      )
    if (outcome !== null) throw ended()
  }
  return found
}

/** One address with its pending invitations into subtenants. @throws AppError 400, 404, 409 */
async function chosen(tx: Tx, ids: readonly string[]): Promise<{ email: string; found: Found[] }> {
  const found = await pendingAt(tx, ids, 'ids', false)
  const email = found[0]?.email ?? ''
  if (found.some((one) => one.email !== email)) throw invalidField('ids', 'Choose invitations of one address')
  return { email, found }
}

/** As its provider takes invitations of a subtenant back: the Owner's by who may give that role. @throws AppError 403 */
function assertMayTakeAll({ rights }: SignedInOp, found: readonly Found[]): void {
  for (const { roleBuiltIn: builtIn } of found) {
    const refusal = grantRefusal({ provider: true, rights }, { builtIn, levels: {} })
    if (refusal) throw refusal
  }
}

/**
 * Invites an address at parent level in place of its pending invitations into subtenants, which are taken back: all or nothing, under the locks of all
 * these tenants, held against the rules of inviting into the master. Each tenant's log says it, of itself alone; the master's says it of all.
 * @throws AppError 400, 403, 404, 409, 429
 */
export async function raiseInvitations(op: SignedInOp, { ids, roleId }: RaiseInvitations) {
  const people = ownPeople(op)
  const { found } = await inTenant(op, (tx) => chosen(tx, ids))
  await assertMayMail(op, [people.tenantId], 1)
  const place = op.tenant
  return people.write(
    async (m, now) => {
      const refusal = parentRefusal(now.op)
      if (refusal) throw refusal
      const { email, found: still } = await chosen(m.tx, ids)
      assertMayTakeAll(now.op, still)
      const role = await assertMayGive(now, m.tx, roleId)
      const { lines, invite, ranOut } = await plan(now, m.tx, { lines: [{ email, role: '' }], roleId })
      if (invite.length === 0)
        throw conflict(REFUSED[lines[0]?.result ?? 'refused'] ?? lines[0]?.message ?? '')
      await revokeInvitations(m.tx, now.tenantId, ranOut)
      await send(m, { people: now, place }, [{ email, roleId: roleId ?? null, sends: 1 }])
      if ((await repo.takeBack(m.tx, ids)) !== ids.length) throw ended()
      m.audit({
        targetKind: 'invitation',
        targetId: '',
        targetName: email,
        before: { level: 'tenant' },
        after: { level: 'parent', role: role.name },
        effects: still.map(({ tenantId, tenantName, roleName }) => ({
          tenantId,
          tenant: tenantName,
          who: email,
          change: 'loses' as const,
          what: `the invitation as ${roleName ?? 'a role that is gone'}`,
        })),
      })
      return { email, takenBack: ids.length }
    },
    true,
    found.map(({ tenantId }) => tenantId),
  )
}

const REFUSED: Partial<Record<string, string>> = {
  pending:
    'This address is invited at parent level already. Take the invitations that it no longer needs back.',
  member: 'Somebody of the master tenant has this address already',
}

/**
 * Invites an address into subtenants in place of its pending invitation at parent level. First it is invited into each tenant, held against the rules
 * of each and told in its log, and then the one at parent level is taken back: in between both wait, which is no more than before.
 * @throws AppError 400, 403, 404, 409, 429; 409 with the reason where it could be invited into none
 */
export async function lowerInvitation(
  op: SignedInOp,
  { id, tenantIds, role }: LowerInvitation,
  into: (tenantId: string) => Promise<Inviting>,
) {
  const refused = parentRefusal(op)
  if (refused) throw refused
  const [one] = await ownPeople(op).read(async (tx) => {
    const found = await pendingAt(tx, [id], 'id', true)
    await assertMayTake(ownPeople(op), tx, found[0]?.roleId ?? null)
    return found
  })
  const email = one?.email ?? ''
  const { tenants, mailed } = await inviteIntoMany(op, tenantIds, into, {
    lines: [{ email, role: '' }],
    role,
  })
  const lines = tenants.flatMap((tenant) => tenant.lines)
  if (!lines.some(({ result }) => result === 'invited' || result === 'pending'))
    throw conflict(lines[0]?.message ?? 'Nobody was invited')
  const takenBack = await ownPeople(op).write(async ({ tx, audit }, now) => {
    const refusal = parentRefusal(now.op)
    if (refusal) throw refusal
    const n = await revokeInvitations(tx, now.tenantId, [id])
    audit({
      targetKind: 'invitation',
      targetId: id,
      targetName: email,
      before: { level: 'parent', role: one?.roleName },
      after: { level: 'tenant', tenants: tenants.map(({ name }) => name), takenBack: n > 0 },
    })
    return n > 0
  }, true)
  return { email, takenBack, mailed, tenants }
}
