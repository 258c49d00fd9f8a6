import { inNetworks, type NetworkLine, tidyNetworks } from '@/lib/networks'
import { MASTER_TENANT_ID } from '@/lib/master'
import type { SignedInOp } from '@/server/context/op'
import { inDrill, inTenant, mutate, type Tx } from '@/server/db/scope'
import { relyingParty } from '@/server/features/second-factor/relying-party'
import { subtenantOf } from '@/server/features/tenants/tenants.service'
import { conflict, denied, invalidField, notFound } from '@/server/platform/errors'
import { whyNotAppoint, whyNotSet } from './allow-list.policy'
import * as repo from './allow-list.repo'
import type { AllowList, AllowListOf, SetAllowList } from './allow-list.schema'

const MOST_ACCOUNTS = 2

async function stateOf(tx: Tx, op: SignedInOp): Promise<AllowList> {
  const { id } = op.tenant
  const rpId = relyingParty(op.host).id
  const why = { set: whyNotSet(op), appoint: whyNotAppoint(op) }
  const accounts = await repo.listAccounts(tx, id, rpId)
  return {
    lines: await repo.listNetworks(tx, id),
    address: op.ip,
    accounts: accounts.map((one) => ({ ...one, appointedAt: one.appointedAt.toISOString() })),
    candidates: why.appoint === undefined ? await repo.candidates(tx, id, rpId) : [],
    can: { set: why.set === undefined, appoint: why.appoint === undefined },
    why,
  }
}

/** From where the acting tenant's console is reached, and who gets in from anywhere. */
export const getAllowList = (op: SignedInOp): Promise<AllowList> => inTenant(op, (tx) => stateOf(tx, op))

/** Whether a list keeps an address out; none: it does not. */
const shutsOut = (lines: readonly NetworkLine[], ip: string): boolean =>
  lines.length > 0 &&
  !inNetworks(
    lines.map(({ network }) => network),
    ip,
  )

/**
 * What keeps somebody from shutting themselves out by accident: their address has to be on the list, or they say that they know and there is
 * another way in. @throws AppError 409
 */
async function assertNotShutOut(
  tx: Tx,
  { ip, tenant, host }: SignedInOp,
  lines: readonly NetworkLine[],
  knowing: boolean,
): Promise<void> {
  if (!shutsOut(lines, ip)) return
  const out = `This list shuts out the address that you are at, ${ip}.`
  if (!knowing) {
    const why = `${out} Add it, or tick that you know.`
    throw conflict(why, { knowing: why })
  }
  const accounts = await repo.listAccounts(tx, tenant.id, relyingParty(host).id)
  if (accounts.some(({ works }) => works)) return
  const why = `${out} First choose an account for emergency access that works, or nobody may get in again.`
  throw conflict(why, { knowing: why })
}

const words = (lines: readonly NetworkLine[]) => ({
  addresses: lines.map(({ network, note }) => (note === '' ? network : `${network} (${note})`)),
})

/** Replaces the list; none: from anywhere. Holds in the next request of everybody. @throws AppError 409 when it would shut out who sets it */
export function setAllowList(op: SignedInOp, { lines, knowing }: SetAllowList): Promise<AllowList> {
  const tidy = tidyNetworks(lines)
  const { id, name } = op.tenant
  return mutate(
    op,
    async ({ tx, audit }) => {
      await assertNotShutOut(tx, op, tidy, knowing)
      const before = await repo.listNetworks(tx, id)
      await repo.replaceNetworks(tx, id, tidy)
      audit({
        targetKind: 'tenant',
        targetId: id,
        targetName: name,
        before: words(before),
        after: { ...words(tidy), shutOut: shutsOut(tidy, op.ip) },
      })
      return stateOf(tx, op)
    },
    { exclusive: [id] },
  )
}

/** Lets an account of the tenant's own in from anywhere, by password and second factor. @throws AppError 403, 404, 409 */
export function appoint(op: SignedInOp, userId: string): Promise<AllowList> {
  const { id } = op.tenant
  const rpId = relyingParty(op.host).id
  return mutate(
    op,
    async ({ tx, fresh, audit }) => {
      const why = whyNotAppoint(fresh)
      if (why !== undefined) throw denied(why)
      const person = await repo.findPerson(tx, id, userId)
      if (!person) throw notFound()
      const accounts = await repo.listAccounts(tx, id, rpId)
      if (accounts.some((one) => one.userId === userId)) throw conflict('This account is chosen already')
      if (accounts.length >= MOST_ACCOUNTS) throw conflict('Two accounts at most. Take one back first.')
      const [able] = await repo.candidates(tx, id, rpId, userId)
      if (!able)
        throw conflict(
          'Only an active account with a password of its own and a second factor for this address can be chosen',
        )
      await repo.appoint(tx, { userId, tenantId: id, rpId, by: op.actor.displayName })
      audit({ targetKind: 'user', targetId: userId, targetName: person.username })
      return stateOf(tx, op)
    },
    { exclusive: [id] },
  )
}

/** Takes that back: what it opened ends at once. @throws AppError 403, 404 */
export function dismiss(op: SignedInOp, userId: string): Promise<AllowList> {
  const { id } = op.tenant
  return mutate(
    op,
    async ({ tx, fresh, audit }) => {
      const why = whyNotAppoint(fresh)
      if (why !== undefined) throw denied(why)
      const person = await repo.findPerson(tx, id, userId)
      if (!person || !(await repo.dismiss(tx, id, userId))) throw notFound()
      audit({ targetKind: 'user', targetId: userId, targetName: person.username })
      return stateOf(tx, op)
    },
    { exclusive: [id] },
  )
}

/** The subtenant that a provider helps. @throws AppError 404; 400 for the master itself */
async function helped(op: SignedInOp, id: string) {
  if (id === MASTER_TENANT_ID)
    throw invalidField('id', 'The addresses of the master tenant are under Settings > Security')
  return subtenantOf(op, id)
}

/** A subtenant's list, for its provider. @throws AppError 404 */
export async function allowListOf(op: SignedInOp, id: string): Promise<AllowListOf> {
  await helped(op, id)
  return { lines: await inDrill(op, id, (tx) => repo.listNetworks(tx, id)) }
}

/** Replaces a subtenant's list on its behalf: for who shut themselves out. Stands in both logs. @throws AppError 404 */
export async function setAllowListOf(
  op: SignedInOp,
  id: string,
  lines: readonly NetworkLine[],
): Promise<AllowListOf> {
  const { name } = await helped(op, id)
  const tidy = tidyNetworks(lines)
  return mutate(
    op,
    async ({ tx, audit }) => {
      const before = await repo.listNetworks(tx, id)
      await repo.replaceNetworks(tx, id, tidy)
      audit({
        targetKind: 'tenant',
        targetId: id,
        targetName: name,
        before: words(before),
        after: words(tidy),
      })
      return { lines: await repo.listNetworks(tx, id) }
    },
    { provider: id, exclusive: [id] },
  )
}
