import { MASTER_TENANT_ID } from '@/lib/master'
import { can, type SignedInOp } from '@/server/context/op'
import { inTenant, mutate } from '@/server/db/scope'
import { listOwn } from '@/server/features/audit/audit.service'
import type { Policy } from '@/server/features/impersonation/impersonation.schema'
import { pageOf, readPosition } from '@/server/platform/cursor'
import { conflict, denied, notFound } from '@/server/platform/errors'
import * as repo from './provider-access.repo'
import type { PageInput, ProviderAccess, Visit } from './provider-access.schema'

/** @throws AppError 403 in the master tenant, which has no provider */
function assertSubtenant(op: SignedInOp): void {
  if (op.tenant.isMaster) throw denied('The master tenant has no provider')
}

/** How the provider gets in, and who decides it (PRODUCT rule 12). */
export async function providerAccess(op: SignedInOp): Promise<ProviderAccess> {
  assertSubtenant(op)
  const { own, locked } = await inTenant(op, repo.findAccess)
  const lock = locked === 'free' ? null : locked
  const why = op.impersonator
    ? 'Not while impersonating'
    : !can(op, 'users', 'full')
      ? 'Your role may see this, not change it'
      : lock !== null
        ? `Your provider decides this for tenants with the role ${op.tenant.cap?.name ?? ''}`
        : undefined
  return {
    own,
    locked: lock,
    effective: lock ?? own,
    can: { change: why === undefined },
    why: { change: why },
  }
}

/** Says how the provider gets in from now on. `never` ends what is under way. @throws AppError 403, 409 where the cap decides */
export async function setProviderAccess(op: SignedInOp, policy: Policy): Promise<ProviderAccess> {
  assertSubtenant(op)
  const { id, name } = op.tenant
  await mutate(
    op,
    async ({ tx, audit }) => {
      const { own, locked } = await repo.findAccess(tx)
      if (locked !== 'free') throw conflict('Your provider decides this for your tenant')
      await repo.setPolicy(tx, id, policy)
      const ended = policy === 'never' ? await repo.cut(tx, null) : 0
      audit({
        targetKind: 'tenant',
        targetId: id,
        targetName: name,
        before: { providerAccess: own },
        after: { providerAccess: policy, ended },
      })
    },
    { exclusive: [id] },
  )
  return providerAccess(op)
}

/** Who of the provider was, is or wants to be in, newest first. */
export async function listVisits(op: SignedInOp, { cursor, limit }: PageInput) {
  assertSubtenant(op)
  const list = `provider-visits:${op.tenant.id}`
  const position = readPosition(op, list, cursor)
  const found = await inTenant(op, (tx) => repo.listVisits(tx, op.tenant.id, position, limit))
  const page = pageOf(op, list, found, limit, position, (row) => [String(row.us), row.id])
  return { ...page, rows: page.rows.map(toVisit) }
}

function stateOf(row: repo.VisitRecord): Visit['state'] {
  if (row.startedAt) return row.live ? 'live' : 'ended'
  if (row.approved === false) return 'declined'
  if (!row.fresh) return 'void'
  return row.approved ? 'approved' : 'waiting'
}

const ENDED: Record<string, string> = {
  quit: 'Quit',
  cut: 'Cut off by the tenant',
  policy: 'Ended as the tenant lets nobody in any more',
  admin: 'The provider’s own session ended',
  revoked: 'Ended',
  '': 'Its time was up',
}

function noteOf(row: repo.VisitRecord, state: Visit['state']): string {
  if (state === 'ended') return ENDED[row.endedWhy] ?? ''
  if (state === 'declined') return `Declined by ${row.decidedByName}`
  if (state === 'void') return 'Not used within 24 hours'
  return row.decidedByName === '' ? '' : `Agreed to by ${row.decidedByName}`
}

function toVisit(row: repo.VisitRecord): Visit {
  const state = stateOf(row)
  const until = row.endedAt ?? row.endsAt
  return {
    id: row.id,
    who: row.actorName,
    subject: row.subjectName,
    reason: row.reason,
    minutes: row.minutes,
    readOnly: row.readOnly,
    state,
    at: (row.startedAt ?? row.at).toISOString(),
    until: until?.toISOString() ?? null,
    note: noteOf(row, state),
    acts: row.acts,
  }
}

/** What was done in one: its rows of the tenant's log, newest first. @throws AppError 404 */
export async function actsOf(op: SignedInOp, { id, ...page }: PageInput & { id: string }) {
  assertSubtenant(op)
  const visit = await inTenant(op, (tx) => repo.findVisit(tx, op.tenant.id, id))
  if (!visit) throw notFound()
  if (visit.sessionId === null) return { rows: [] }
  return listOwn(op, { ...page, actingSession: visit.sessionId })
}

/** What the provider did in the tenant under its own names: visits, changes of its people and things. */
export function providerActs(op: SignedInOp, page: PageInput) {
  assertSubtenant(op)
  return listOwn(op, { ...page, ofProvider: true })
}

/** Answers a request to be let in. Stands in both logs. @throws AppError 404; 409 when it is answered or void */
export function decideRequest(op: SignedInOp, id: string, approve: boolean) {
  assertSubtenant(op)
  return mutate(op, async ({ tx, audit }) => {
    const visit = await repo.findVisit(tx, op.tenant.id, id)
    if (!visit) throw notFound()
    if (!(await repo.decide(tx, op.tenant.id, id, approve, op.actor.displayName)))
      throw conflict('This was answered already, or is older than 24 hours')
    audit({
      event: approve ? 'impersonation.approve' : 'impersonation.decline',
      ...aboutVisit(visit),
      alsoIn: [MASTER_TENANT_ID],
    })
    return { id }
  })
}

/** Ends one that is under way, at once: what it was writing is waited for, nothing more gets in. @throws AppError 404; 409 when it is over */
export function cutOff(op: SignedInOp, id: string) {
  assertSubtenant(op)
  return mutate(
    op,
    async ({ tx, audit }) => {
      const visit = await repo.findVisit(tx, op.tenant.id, id)
      if (!visit) throw notFound()
      if ((await repo.cut(tx, id)) === 0) throw conflict('This one is over already')
      audit({ ...aboutVisit(visit), alsoIn: [MASTER_TENANT_ID] })
      return { id }
    },
    { exclusive: [op.tenant.id] },
  )
}

const aboutVisit = (visit: { id: string; actorName: string; subjectName: string; reason: string }) => ({
  targetKind: 'impersonation',
  targetId: visit.id,
  targetName: `${visit.actorName} as ${visit.subjectName}`,
  reason: visit.reason,
})
