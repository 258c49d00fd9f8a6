import type { Effect } from '@/lib/effects'
import { labelOfKind } from '@/lib/resource-kinds/registry'
import { things } from '@/server/features/clouds/clouds.move'
import type { Back, BackBlocker, Item, Kept, Planned, RoleUse } from './host-moves.repo'

const NAMED = 5

/** `a, b, c and 4 more` */
function listed(names: readonly string[]): string {
  const unique = [...new Set(names)].sort()
  const more = unique.length - NAMED
  return more > 0 ? `${unique.slice(0, NAMED).join(', ')} and ${more} more` : unique.join(', ')
}

/** `Host web-01`, `3 hosts (a, b, c) with 2 things on them` */
function hostsOf(items: readonly Pick<Item, 'name' | 'root'>[]): string {
  const hosts = items.filter(({ root }) => root).map(({ name }) => name)
  const on = items.length - hosts.length
  const [only = ''] = hosts
  const what = hosts.length === 1 ? `Host ${only}` : `${things(hosts.length, 'host')} (${listed(hosts)})`
  if (hosts.length === 0) return things(on)
  return on > 0 ? `${what} with ${things(on)} on ${hosts.length === 1 ? 'it' : 'them'}` : what
}

const effect = (tenantId: string, tenant: string, change: Effect['change'], what: string): Effect => ({
  tenantId,
  tenant,
  who: '',
  change,
  what,
})

type Grant = NonNullable<Kept['grants']>[number]
const holds = ({ status, expires_at: end }: Grant): boolean =>
  status === 'live' && (end === null || new Date(end) > new Date())

/** What each tenant loses of groups, tags, references and the force of role entries, by tenant. */
function hangingOf(items: readonly Item[], roles: readonly RoleUse[]): [tenantId: string, what: string][] {
  const by = (pick: (item: Item) => { tenantId: string; word: string }[]) => {
    const found = new Map<string, string[]>()
    for (const { tenantId, word } of items.flatMap(pick))
      found.set(tenantId, [...(found.get(tenantId) ?? []), word])
    return found
  }
  const groups = by(({ before }) =>
    (before.groups ?? []).map((g) => ({ tenantId: g.tenantId, word: g.name })),
  )
  const tags = by(({ before }) => (before.tags ?? []).map((t) => ({ tenantId: t.tenantId, word: t.tag })))
  const links = by((i) =>
    (i.before.links ?? []).map(({ field }) => ({ tenantId: i.fromOwnerId, word: field })),
  )
  const of = new Map<string, RoleUse[]>()
  for (const use of roles) of.set(use.tenantId, [...(of.get(use.tenantId) ?? []), use])
  return [
    ...[...groups].map(([id, n]): [string, string] => [
      id,
      `${things(n.length, 'place')} in its groups (${listed(n)})`,
    ]),
    ...[...tags].map(([id, n]): [string, string] => [
      id,
      `${things(n.length, 'tag')} on them (${listed(n)})`,
    ]),
    ...[...links].map(([id, n]): [string, string] => [
      id,
      `${things(n.length, 'reference')} that the new tenant could not follow (${listed(n)})`,
    ]),
    ...[...of].map(([id, uses]): [string, string] => [
      id,
      `the force of ${things(
        uses.reduce((sum, { entries }) => sum + entries, 0),
        'rule',
      )} in roles (${listed(uses.map(({ role }) => role))})`,
    ]),
  ]
}

/** Who has things, each tenant once: who uses them, and who owned them without using them. */
function holdersOf(items: readonly Item[]) {
  const users = new Map<string, Item[]>()
  const owners = new Map<string, Item[]>()
  for (const item of items) {
    users.set(item.fromAssignedId, [...(users.get(item.fromAssignedId) ?? []), item])
    if (item.fromOwnerId !== item.fromAssignedId)
      owners.set(item.fromOwnerId, [...(owners.get(item.fromOwnerId) ?? []), item])
  }
  return { users, owners }
}

/** Who gains and who loses what by a migration. @param names of tenants by id */
export function moveEffects(
  items: readonly Item[],
  roles: readonly RoleUse[],
  toId: string,
  names: ReadonlyMap<string, string>,
): Effect[] {
  const name = (id: string) => names.get(id) ?? ''
  const { users, owners } = holdersOf(items)
  const lose = (id: string, what: string) => effect(id, name(id), 'loses', what)
  const offered = items.filter(({ before }) => before.visibility === 'public').length
  const shares = new Map<string, number>()
  for (const grant of items.flatMap(({ before }) => before.grants ?? []).filter(holds))
    shares.set(grant.tenant_id, (shares.get(grant.tenant_id) ?? 0) + 1)
  return [
    ...[...users].filter(([id]) => id !== toId).map(([id, list]) => lose(id, hostsOf(list))),
    ...[...owners].map(([id, list]) => lose(id, `the control of ${hostsOf(list)}`)),
    ...(offered > 0 ? [effect('', 'Every tenant', 'loses', things(offered, 'public thing'))] : []),
    ...[...shares].filter(([id]) => id !== toId).map(([id, n]) => lose(id, `${things(n)} shared with it`)),
    ...hangingOf(items, roles)
      .filter(([id]) => id !== toId)
      .map(([id, what]) => lose(id, what)),
    effect(toId, name(toId), 'gains', hostsOf(items)),
  ]
}

/** Who gains and who loses what when a migration is undone. */
export function backEffects(
  items: readonly Item[],
  toId: string,
  names: ReadonlyMap<string, string>,
): Effect[] {
  const name = (id: string) => names.get(id) ?? ''
  const { users, owners } = holdersOf(items)
  return [
    effect(toId, name(toId), 'loses', hostsOf(items)),
    ...[...users].map(([id, list]) => effect(id, name(id), 'gains', hostsOf(list))),
    ...[...owners].map(([id, list]) => effect(id, name(id), 'gains', `the control of ${hostsOf(list)}`)),
  ]
}

const WHY: Record<NonNullable<Planned['blocker']>, (about: string, to: string) => string> = {
  there: (_about, to) => `is ${to}’s already`,
  owned: (_about, to) => `belongs to ${to}, which only gave it away: take it back by Assign Tenant`,
  cloud: (about) => `stands in Cloud ${about} and goes where its cloud goes: assign the cloud`,
  third: (about) => `stands on one of them and is ${about}’s: let it be removed first`,
}
/** Why a thing stays, in words. */
export const blockerLine = ({ kind, name, blocker, about }: Planned, to: string): string =>
  `${labelOfKind(kind)} ${name} ${blocker ? WHY[blocker](about ?? '', to) : ''}`

const WHY_NOT_BACK: Record<BackBlocker['blocker'], (about: string) => string> = {
  gone: () => 'was deleted since',
  moved: (about) => `moved on since, and is ${about}’s`,
  since: (about) => `was put on ${about} since: let it be removed first`,
  tenant: (about) => `came from ${about}, which is not active: enable it first`,
}
export const backBlockerLine = ({ kind, name, blocker, about }: BackBlocker): string =>
  `${labelOfKind(kind)} ${name} ${WHY_NOT_BACK[blocker](about)}`

const COUNTED = { groups: 'place', tags: 'tag', grants: 'share', links: 'reference' } as const
const IN = { groups: ' in groups', tags: '', grants: '', links: '' } as const
const KINDS = Object.keys(COUNTED) as (keyof typeof COUNTED)[]

/** What an undo does not bring back, and what it ends. */
export function lostLines(items: readonly Item[], { ended, back }: Back): string[] {
  const words = (n: number, kind: (typeof KINDS)[number]) => `${things(n, COUNTED[kind])}${IN[kind]}`
  const had = (kind: (typeof KINDS)[number]) =>
    items.reduce((sum, { before }) => sum + (before[kind]?.length ?? 0), 0)
  return [
    ...KINDS.filter((kind) => had(kind) > back[kind]).map(
      (kind) =>
        `${words(had(kind) - back[kind], kind)} of before cannot come back: what they name is gone, or has ended`,
    ),
    ...KINDS.filter((kind) => ended[kind] > 0).map(
      (kind) => `${words(ended[kind], kind)} made since will end`,
    ),
  ]
}

/** `2 hosts` */
export const hosts = (n: number): string => things(n, 'host')
