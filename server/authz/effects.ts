import {
  type Access,
  accessOf,
  type AccessRule,
  type Claim,
  parseScope,
  rankAccess,
  readAccess,
  type Scope,
} from '@/lib/access'
import type { Effect } from '@/lib/effects'
import { isMasterOnly, type Level, OF_KINDS, PERMISSION_NAMES, PERMISSIONS, rank } from '@/lib/permissions'
import { kindOf, labelOfKind } from '@/lib/resource-kinds/registry'
import type { HeldRole } from '@/server/authz/reach'
import { ceilingOf, effectiveRights, type StoredRole } from '@/server/authz/rights'

/** What somebody holds in a tenant. */
export interface Holding {
  roles: readonly HeldRole[]
  cap: StoredRole | null
}

/** Somebody, or all who hold the same, before or after a change. */
export interface Holder extends Holding {
  /** Finds the same people again after the change. */
  key: string
  tenantId: string
  tenant: string
  /** The name of one person; null where they are only counted. */
  who: string | null
  count: number
}

/** Names of what roles are about, by id; what is not there is not named. */
export type Names = ReadonlyMap<string, string>

interface Fact {
  label: string
  rank: number
  /** The value in words; empty for what is held or not. */
  word: string
}
type Facts = Map<string, Fact>

export const LEVEL_WORDS: Record<Level, string> = {
  none: 'none',
  read: 'read',
  user: 'own',
  group: 'groups',
  full: 'full',
}
const SCOPE_WORDS = { cloud: 'cloud', group: 'group', resource: 'resource', tag: 'tag' } as const

/** `in group Staging`; empty for the whole tenant. */
export function scopeWords(scope: Scope, names: Names): string {
  if (!scope) return ''
  const what = scope.kind === 'tag' ? scope.value : names.get(scope.value)
  return what === undefined ? `in a ${SCOPE_WORDS[scope.kind]}` : `in ${SCOPE_WORDS[scope.kind]} ${what}`
}

const scopesOf = (holdings: readonly Holding[]): string[] => [
  ...new Set(holdings.flatMap(({ roles }) => roles.map(({ scope }) => scope ?? ''))),
]

/** Levels by permission: over the whole tenant, and beyond that in a scope. */
function levelFacts({ roles, cap }: Holding, scopes: readonly string[], names: Names): Facts {
  const facts: Facts = new Map()
  const whole = effectiveRights(
    roles.filter(({ scope }) => !scope),
    cap,
  )
  for (const scope of scopes) {
    const rights =
      scope === ''
        ? whole
        : effectiveRights(
            roles.filter((role) => role.scope === scope),
            cap,
          )
    for (const name of scope === '' ? PERMISSION_NAMES : OF_KINDS) {
      if (cap !== null && isMasterOnly(name)) continue
      const where = scopeWords(parseScope(scope), names)
      const level = rank(rights[name]) > rank(whole[name]) ? rights[name] : whole[name]
      const label = `${PERMISSIONS[name].label}${where === '' ? '' : ` ${where}`}`
      facts.set(`${name} ${scope}`, { label, rank: rank(level), word: LEVEL_WORDS[level] })
    }
  }
  return facts
}

const RULES = [
  { field: 'groups', label: 'Group', all: 'All groups' },
  { field: 'clouds', label: 'Cloud', all: 'All other clouds' },
  { field: 'instanceTypes', label: 'Instance type', all: 'All other instance types' },
] as const
type RuleField = (typeof RULES)[number]['field']

/** Whether the rule of a role has anything to say: it cuts (or, of groups, opens) what its levels and claims give. */
function speaks(role: HeldRole, field: RuleField): boolean {
  const rights = effectiveRights([role], null)
  if (field === 'groups') return OF_KINDS.some((name) => rights[name] === 'group')
  return field === 'clouds' ? OF_KINDS.some((name) => rights[name] !== 'none') : rights.library !== 'none'
}

const idsIn = (holdings: readonly Holding[], field: RuleField): string[] => [
  '*',
  ...new Set(
    holdings.flatMap(({ roles }) =>
      roles.flatMap((role) => Object.keys(readAccess(role.access)[field].entries)),
    ),
  ),
]

/** Group, cloud and Instance Type access: the best that one of the roles gives. */
function ruleFacts({ roles }: Holding, both: readonly Holding[], names: Names): Facts {
  const facts: Facts = new Map()
  for (const { field, label, all } of RULES) {
    const rules = roles.filter((role) => speaks(role, field)).map((role) => readAccess(role.access)[field])
    if (rules.length === 0) continue
    for (const id of idsIn(both, field)) {
      const best = bestOf(rules, id)
      const what = id === '*' ? all : `${label} ${names.get(id) ?? '(not named)'}`
      facts.set(`${field} ${id}`, { label: what, rank: rankAccess(best), word: best })
    }
  }
  return facts
}

const bestOf = (rules: readonly AccessRule[], id: string): Access =>
  rules
    .map((one) => (id === '*' ? one.default : accessOf(one, id)))
    .reduce<Access>((a, b) => (rankAccess(a) >= rankAccess(b) ? a : b), 'none')

/** Single resources: what an entry says, or what the level says where there is none. */
function entryFacts({ roles, cap }: Holding, both: readonly Holding[], names: Names): Facts {
  const rights = effectiveRights(roles, cap)
  const every = both.flatMap((one) => one.roles.flatMap((role) => readAccess(role.access).resources))
  return new Map(
    every.map(({ id, kind }) => {
      const own = roles.flatMap((role) =>
        readAccess(role.access).resources.filter((entry) => entry.id === id),
      )
      const level = rights[kindOf(kind)?.permission ?? 'hosts']
      const byLevel: Access = level === 'full' ? 'full' : level === 'none' ? 'none' : 'read'
      const access =
        own.length === 0
          ? byLevel
          : own.map((one) => one.access).reduce((a, b) => (rankAccess(a) >= rankAccess(b) ? a : b))
      return [
        `entry ${id}`,
        {
          label: `${labelOfKind(kind)} ${names.get(id) ?? '(not named)'}`,
          rank: rankAccess(access),
          word: access,
        },
      ]
    }),
  )
}

/** `Claim: update of hosts` */
export function claimWords({ kinds, actions, resources }: Claim, names: Names): string {
  const what = kinds.includes('*')
    ? 'everything'
    : kinds.map((kind) => kindOf(kind)?.plural.toLowerCase() ?? kind).join(', ')
  const which = resources.includes('*')
    ? ''
    : ` (${resources.map((id) => names.get(id) ?? 'not named').join(', ')})`
  return `${actions.includes('*') ? 'anything' : actions.join(', ')} on ${what}${which}`
}

function claimFacts({ roles }: Holding, names: Names): Facts {
  const all = roles.flatMap((role) =>
    readAccess(role.access).claims.map((claim) =>
      `${claimWords(claim, names)} ${scopeWords(parseScope(role.scope ?? ''), names)}`.trim(),
    ),
  )
  return new Map(all.map((words) => [`claim ${words}`, { label: `claim: ${words}`, rank: 1, word: '' }]))
}

const factsOf = (one: Holding, both: readonly Holding[], names: Names): Facts =>
  new Map([
    ...levelFacts(one, scopesOf(both), names),
    ...ruleFacts(one, both, names),
    ...entryFacts(one, both, names),
    ...claimFacts(one, names),
  ])

interface Change {
  change: Effect['change']
  what: string
}

function compare(before: Facts, after: Facts): Change[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((key): Change[] => {
    const [was, is] = [before.get(key), after.get(key)]
    const label = (is ?? was)?.label ?? ''
    const [from, to] = [was?.rank ?? 0, is?.rank ?? 0]
    if (from === to) return []
    const words = (fact: Fact | undefined) => fact?.word ?? 'none'
    const what = (is ?? was)?.word === '' ? label : `${label}: ${words(was)} → ${words(is)}`
    return [{ change: to > from ? 'gains' : 'loses', what }]
  })
}

/** What one holding gains and loses on its way to another. */
function changesOf(before: Holding, after: Holding, names: Names): Change[] {
  const both = [before, after]
  // A rule that only one side speaks of is told by the level that came or went.
  const [was, is] = [factsOf(before, both, names), factsOf(after, both, names)]
  const known = (key: string) =>
    !RULES.some(({ field }) => key.startsWith(`${field} `)) || (was.has(key) && is.has(key))
  const only = (facts: Facts): Facts => new Map([...facts].filter(([key]) => known(key)))
  return compare(only(was), only(is))
}

/** What a tenant as a whole gains and loses by another ceiling. */
export function ceilingChanges(before: StoredRole, after: StoredRole): Change[] {
  const [was, is] = [ceilingOf(before), ceilingOf(after)]
  return PERMISSION_NAMES.filter((name) => !isMasterOnly(name)).flatMap((name): Change[] => {
    const [from, to] = [was[name] ?? 'none', is[name] ?? 'none']
    if (from === to) return []
    const what = `${PERMISSIONS[name].label}: ${LEVEL_WORDS[from]} → ${LEVEL_WORDS[to]}`
    return [{ change: rank(to) > rank(from) ? 'gains' : 'loses', what }]
  })
}

const NOTHING: Holding = { roles: [], cap: null }

/** Who gains and who loses what between two states of the same people, the losses first: people with the same line are counted together. */
export function effectsOf(before: readonly Holder[], after: readonly Holder[], names: Names): Effect[] {
  const then = new Map(after.map((one) => [one.key, one]))
  const now = new Map(before.map((one) => [one.key, one]))
  const lines = new Map<string, { effect: Effect; who: Set<string>; count: number }>()
  for (const key of new Set([...now.keys(), ...then.keys()])) {
    const [was, is] = [now.get(key), then.get(key)]
    const holder = is ?? was
    if (!holder) continue
    const blank = { ...NOTHING, cap: holder.cap }
    for (const { change, what } of changesOf(was ?? blank, is ?? blank, names)) {
      const { tenantId, tenant } = holder
      const id = [tenantId, change, what].join('\n')
      const line = lines.get(id) ?? {
        effect: { tenantId, tenant, who: '', change, what },
        who: new Set(),
        count: 0,
      }
      if (holder.who !== null) line.who.add(holder.who)
      lines.set(id, { ...line, count: line.count + holder.count })
    }
  }
  return inOrder(
    [...lines.values()].map(({ effect, who, count }) => ({ ...effect, who: personsOf(who, count) })),
  )
}

function personsOf(who: ReadonlySet<string>, count: number): string {
  const [only] = who
  if (count === 1 && only !== undefined) return only
  return count === 1 ? '1 person' : `${count} people`
}

/** Losses first, by tenant. */
export const inOrder = (effects: readonly Effect[]): Effect[] =>
  [...effects].sort(
    (a, b) =>
      a.tenant.localeCompare(b.tenant) ||
      b.change.localeCompare(a.change) ||
      a.who.localeCompare(b.who) ||
      a.what.localeCompare(b.what),
  )
