import type { Effect } from '@/lib/effects'
import { effectLines } from '@/lib/effects'
import type { AuditEntry } from '@/server/db/audit-write'
import type { Blocker, Sharer, Share } from './clouds.move.repo'

/** A cloud of the master's as it stands before it moves. */
export interface Cloud {
  id: string
  name: string
  assignedId: string
  assignedName: string | null
  visibility: 'private' | 'public'
}
export interface Target {
  id: string
  name: string
}

const NAMED = 5
const count = (shares: readonly Share[]): number => shares.reduce((sum, share) => sum + share.count, 0)
/** `1 thing`, `1,200 things` */
export const things = (n: number, what = 'thing'): string =>
  `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`

const effect = (tenantId: string, tenant: string, change: Effect['change'], what: string): Effect => ({
  tenantId,
  tenant,
  who: '',
  change,
  what,
})

/**
 * Who gains and who loses what when a cloud goes to a tenant with all that the master has in it (PRODUCT rule 4). Who had only
 * single things of it does not learn of the cloud by this.
 */
export function moveEffects(
  masterId: string,
  cloud: Cloud,
  to: Target,
  shares: readonly Share[],
  sharers: readonly Sharer[],
): Effect[] {
  const whole = (id: string, n: number) =>
    `${id === masterId ? 'the use of ' : ''}Cloud ${cloud.name}${n > 0 ? ` with ${things(n)}` : ''}`
  const moving = shares.filter(({ assignedId }) => assignedId !== to.id)
  const goes = cloud.assignedId !== to.id
  const of = (id: string) => shares.filter(({ assignedId }) => assignedId === id)
  const others = [...new Map(moving.map((share) => [share.assignedId, share.assigned]))].filter(
    ([id]) => !goes || id !== cloud.assignedId,
  )
  const open = cloud.visibility === 'public'
  const publicThings = count(shares.filter(({ visibility }) => visibility === 'public'))
  const offered = publicThings > 0 ? ` with ${things(publicThings, 'public thing')}` : ''
  return [
    ...(goes
      ? [
          effect(
            cloud.assignedId,
            cloud.assignedName ?? '',
            'loses',
            whole(cloud.assignedId, count(of(cloud.assignedId))),
          ),
        ]
      : []),
    ...others.map(([id, name]) => effect(id, name, 'loses', `${things(count(of(id)))} assigned to it`)),
    ...(open ? [effect('', 'Every tenant', 'loses', `the offer of Cloud ${cloud.name}${offered}`)] : []),
    ...sharers
      .filter(({ tenantId }) => tenantId !== to.id)
      .map((one) => effect(one.tenantId, one.tenant, 'loses', `${things(one.count)} shared with it`)),
    ...(goes || moving.length > 0 ? [effect(to.id, to.name, 'gains', whole(to.id, count(moving)))] : []),
  ]
}

/** How much of each kind moves. */
export function countsByKind(shares: readonly Share[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { kind, count: n } of shares) counts[kind] = (counts[kind] ?? 0) + n
  return counts
}

/** What the logs say: the master's all of it; that of each tenant only its own part. @param names what each tenant lost, by its id */
export function moveEntries(
  masterId: string,
  cloud: Cloud,
  to: Target,
  shares: readonly Share[],
  effects: readonly Effect[],
  names: ReadonlyMap<string, string[]>,
): AuditEntry[] {
  const about = { targetKind: 'cloud', targetId: cloud.id, targetName: cloud.name }
  const moved = countsByKind(shares)
  const sides = [...new Set([cloud.assignedId, to.id])].filter((id) => id !== masterId)
  return [
    {
      ...about,
      before: { tenant: cloud.assignedName, visibility: cloud.visibility },
      after: { tenant: to.name, visibility: 'private', moved, effects: effectLines(effects) },
    },
    ...sides.map((id) => ({
      ...about,
      onlyIn: [id],
      before: { assigned: id === cloud.assignedId },
      after: { assigned: id === to.id, effects: effectLines(effects, id) },
    })),
    ...[...names].map(([id, lost]) => ({
      targetKind: 'resource',
      targetId: '',
      targetName: lost.slice(0, NAMED).join(', '),
      onlyIn: [id],
      before: { assigned: true, names: lost },
      after: { assigned: false, effects: effectLines(effects, id) },
    })),
  ]
}

/** Who lost single things and hears of them by name, without a word of the cloud. */
export const bystanders = (
  masterId: string,
  cloud: Cloud,
  to: Target,
  effects: readonly Effect[],
): string[] =>
  [...new Set(effects.map(({ tenantId }) => tenantId))].filter(
    (id) => id !== '' && ![masterId, cloud.assignedId, to.id].includes(id),
  )

/** Why a cloud stays: what others own in it, by name. */
export function blockedBy(
  cloud: Cloud,
  blockers: readonly Blocker[],
  labelOf: (kind: string) => string,
): string {
  const total = Number(blockers[0]?.total ?? 0)
  const named = blockers
    .slice(0, NAMED)
    .map(({ tenant, kind, name }) => `${labelOf(kind)} ${name} of ${tenant}`)
  const more = total > named.length ? ` and ${things(total - named.length, 'more thing')}` : ''
  return `Cloud ${cloud.name} cannot move: in it stand ${named.join(', ')}${more}, which its owner made there. Let them be removed first.`
}
