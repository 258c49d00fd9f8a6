import { type Effect, effectLines } from '@/lib/effects'
import type { SignedInOp } from '@/server/context/op'
import { type AuditEntry, linesOf, writeAudits } from '@/server/db/audit-write'
import { inTenant, type Mutation, mutate } from '@/server/db/scope'
import type { TaskWork } from '@/server/features/tasks/tasks.service'
import { stale } from '@/server/features/resources/resources.content'
import * as repo from './host-moves.repo'
import { hostMoveInput } from './host-moves.schema'
import { assertFree, effectsOf, planWithin } from './host-moves.service'
import { hosts } from './host-moves.words'

/** One row a host in the log of each tenant that it leaves and of the one it reaches: neither learns of the other. */
export function hostEntries(
  items: readonly repo.Item[],
  sides: (item: repo.Item) => { from: string[]; to: string[] },
): AuditEntry[] {
  return items
    .filter(({ root }) => root)
    .flatMap((item) => {
      const about = { targetKind: item.kind, targetId: item.id, targetName: item.name }
      const { from, to } = sides(item)
      const left = [...new Set(from)].filter((id) => !to.includes(id))
      return [
        { ...about, onlyIn: left, before: { here: true }, after: { here: false } },
        { ...about, onlyIn: [...new Set(to)], before: { here: false }, after: { here: true } },
      ].filter(({ onlyIn }) => onlyIn.length > 0)
    })
}

/** Says in the master's log what all of it was, and in each tenant's what it gained or lost by it; and one row a host. */
export async function tell(
  { tx, audit }: Pick<Mutation, 'tx' | 'audit'>,
  op: SignedInOp,
  of: { id: string; items: readonly repo.Item[]; effects: readonly Effect[] },
  each: readonly AuditEntry[],
): Promise<void> {
  const n = of.items.filter(({ root }) => root).length
  const about = { targetKind: 'host_move', targetId: of.id, targetName: hosts(n) }
  const others = [...new Set(of.effects.map(({ tenantId }) => tenantId))].filter(
    (id) => id !== '' && id !== op.tenant.id,
  )
  const theirs = others.map((id) => ({
    ...about,
    targetName: '',
    onlyIn: [id],
    after: { effects: linesOf(of.effects, id) },
  }))
  await writeAudits(tx, op, [...theirs, ...each])
  audit({ ...about, after: { hosts: n, things: of.items.length - n, effects: linesOf(of.effects) } })
}

/**
 * Migrates hosts in one transaction, as a task: all are in the new tenant, with all that stands on them, or none is (PRODUCT rule 13).
 * Begun anew after a crash it finds them as they were. @throws AppError 403, 404, 409
 */
export async function runMove(op: SignedInOp, input: unknown, work: TaskWork) {
  const asked = hostMoveInput.parse(input)
  const ids = [...new Set(asked.ids)]
  const locked = await inTenant(op, (tx) => repo.tenantsOf(tx, ids, asked.tenantId))
  return mutate(
    op,
    async ({ tx, audit, fresh }) => {
      const { to, blockers } = await planWithin(tx, { ...op, ...fresh }, asked)
      // Who has something of it was read before the locks.
      const now = await repo.tenantsOf(tx, ids, to.id)
      if (!now.every((id) => locked.includes(id))) throw stale()
      assertFree(blockers, to.name)
      const moved = await repo.moveHosts(tx, work.id, ids, to.id)
      work.progress(moved)
      const { items, effects } = await effectsOf(tx, op, work.id, to.id)
      await tell(
        { tx, audit },
        op,
        { id: work.id, items, effects },
        hostEntries(items, (item) => ({ from: [item.fromOwnerId, item.fromAssignedId], to: [to.id] })),
      )
      await work.finish(tx, { moved, lines: effectLines(effects) })
    },
    { exclusive: locked },
  )
}
