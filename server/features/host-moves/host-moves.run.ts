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

/** Up to so many hosts have a row each in a log; more stand there together, so many a row: each row costs a link of the log's chain. */
const ROW_EACH = 1000
const TOGETHER = 100

type Sides = (item: repo.Item) => { from: string[]; to: string[] }

/** Rows for the logs of the tenants that hosts leave and of those that they reach: neither learns of the other. */
export function hostEntries(items: readonly repo.Item[], sides: Sides): AuditEntry[] {
  const roots = items.filter(({ root }) => root)
  const size = roots.length > ROW_EACH ? TOGETHER : 1
  const bySide = new Map<string, { onlyIn: string[]; here: boolean; hosts: repo.Item[] }>()
  const put = (onlyIn: string[], here: boolean, item: repo.Item) => {
    const key = `${here} ${onlyIn.join()}`
    const side = bySide.get(key) ?? { onlyIn, here, hosts: [] }
    side.hosts.push(item)
    if (onlyIn.length > 0) bySide.set(key, side)
  }
  for (const item of roots) {
    const { from, to } = sides(item)
    put([...new Set(from)].filter((id) => !to.includes(id)).sort(), false, item)
    put([...new Set(to)].sort(), true, item)
  }
  return [...bySide.values()].flatMap(({ onlyIn, here, hosts: all }) =>
    inBundles(all, size).map((some) => ({
      ...about(some),
      onlyIn,
      before: { here: !here },
      after: { here, ...listOf(some) },
    })),
  )
}

const inBundles = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, n) => all.slice(n * size, (n + 1) * size))
const about = ([first, ...rest]: readonly repo.Item[]) => ({
  targetKind: 'host',
  targetId: rest.length > 0 ? '' : (first?.id ?? ''),
  targetName: rest.length > 0 ? hosts(rest.length + 1) : (first?.name ?? ''),
})
/** Of several hosts in one row, which. */
const listOf = (some: readonly repo.Item[]) =>
  some.length > 1 ? { hosts: some.map(({ id, name }) => `${name} (${id})`) } : {}

/** Says in the master's log what all of it was, and in each tenant's what it gained or lost by it; and one row a host. */
export async function tell(
  { tx, audit }: Pick<Mutation, 'tx' | 'audit'>,
  op: SignedInOp,
  of: { id: string; items: readonly repo.Item[]; effects: readonly Effect[] },
  each: readonly AuditEntry[],
): Promise<void> {
  const n = of.items.filter(({ root }) => root).length
  const whole = { targetKind: 'host_move', targetId: of.id, targetName: hosts(n) }
  const others = [...new Set(of.effects.map(({ tenantId }) => tenantId))].filter(
    (id) => id !== '' && id !== op.tenant.id,
  )
  const theirs = others.map((id) => ({
    ...whole,
    targetName: '',
    onlyIn: [id],
    after: { effects: linesOf(of.effects, id) },
  }))
  await writeAudits(tx, op, [...theirs, ...each])
  audit({ ...whole, after: { hosts: n, things: of.items.length - n, effects: linesOf(of.effects) } })
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
