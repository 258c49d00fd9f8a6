import {
  type Access,
  AREA,
  type Area,
  type Assignment,
  type Claim,
  homeOf,
  type Kind,
  type Level,
  type Levels,
  type Person,
  type Role,
  type Rule,
  type State,
  type Tenant,
} from './state'
import { canBeActedOn, sees, type Verb, verbsOfTenant } from './sight'

// Reach: what a person may do inside the tenant (docs/decisions/0012, "Levels" and "Reach").

/** Somebody at work in a tenant: at home, or from the master in a subtenant. */
export interface Actor {
  person: Person
  tenant: Tenant
}
const ORDER: Level[] = ['none', 'read', 'user', 'group', 'full']
const higher = (a: Level, b: Level): Level => (ORDER.indexOf(a) >= ORDER.indexOf(b) ? a : b)
const lower = (a: Level, b: Level): Level => (ORDER.indexOf(a) <= ORDER.indexOf(b) ? a : b)

interface Held extends Assignment {
  of: Role
}

/** A person's live assignments in the tenant. Of the master's people those at home hold everywhere (parent level). */
function heldBy(state: State, { person, tenant }: Actor): Held[] {
  return Object.values(state.assignments)
    .filter((a) => a.user === person && !a.expired)
    .filter((a) => a.tenant === tenant || (homeOf(person) === 'M' && a.tenant === 'M'))
    .flatMap((a) => {
      const of = state.roles[a.role]
      return of ? [{ ...a, of }] : []
    })
}

function capLevel(state: State, tenant: Tenant, name: keyof Levels): Level {
  if (tenant === 'M') return 'full'
  return state.caps[state.tenants[tenant].cap ?? '']?.levels[name] ?? 'none'
}

const ofRule = (rule: Rule, id: string): Access => rule.entries[id] ?? rule.default

/** One question about one thing: everything below answers it for one assignment. */
interface Question {
  state: State
  actor: Actor
  slot: string
  verb: Verb
}

function inScope({ state, actor, slot }: Question, scope: string): boolean {
  const [kind, value = ''] = scope.split(':')
  switch (kind) {
    case 'cloud':
      return state.resources[slot]?.cloud === value
    case 'group':
      return state.groups[value]?.tenant === actor.tenant && state.groups[value].members.includes(slot)
    case 'tag':
      return state.tags[actor.tenant].includes(`${slot} ${value}`)
    case 'resource':
      return slot === value
    default:
      return true
  }
}

const allows = (access: Access, verb: Verb): boolean =>
  access === 'full' || (access === 'read' && verb === 'see')

function levelAllows(level: Level, held: Held, { state, actor, slot, verb }: Question): boolean {
  if (level === 'none') return false
  if (level === 'read') return verb === 'see'
  if (level === 'full' || state.resources[slot]?.createdBy === actor.person) return true
  if (level === 'user') return false
  return Object.entries(state.groups).some(
    ([id, group]) =>
      group.tenant === actor.tenant &&
      group.members.includes(slot) &&
      allows(ofRule(held.of.access.groups, id), verb),
  )
}

const ACTION: Record<Verb, string[]> = {
  see: ['list', 'get'],
  act: ['action'],
  edit: ['update'],
  delete: ['delete'],
}

const claimed = (claim: Claim, kind: Kind, slot: string, verb: Verb): boolean =>
  [kind, '*'].some((one) => claim.kinds.includes(one)) &&
  [slot, '*'].some((one) => claim.resources.includes(one)) &&
  [...ACTION[verb], '*'].some((one) => claim.actions.includes(one))

/** Terms 1 and cuts 2 of one assignment. */
function termAllows(held: Held, question: Question): boolean {
  const { state, actor, slot, verb } = question
  const it = state.resources[slot]
  if (!it) return false
  const { access, levels } = held.of
  const cap = capLevel(state, actor.tenant, AREA[it.kind])
  const byLevel = levelAllows(lower(levels[AREA[it.kind]] ?? 'none', cap), held, question)
  const byClaim =
    access.claims.some((claim) => claimed(claim, it.kind, slot, verb)) && levelAllows(cap, held, question)
  if (!byLevel && !byClaim) return false
  if (it.cloud !== null && !allows(ofRule(access.clouds, it.cloud), verb)) return false
  return it.kind !== 'instance_type' || allows(ofRule(access.instanceTypes, slot), verb)
}

/** Whether a person's roles reach that far, whatever the tenant may. */
function reaches(state: State, actor: Actor, slot: string, verb: Verb): boolean {
  const it = state.resources[slot]
  if (!it || (verb === 'act' && !canBeActedOn(it))) return false
  const question = { state, actor, slot, verb }
  const held = heldBy(state, actor).filter((one) => inScope(question, one.scope))
  const cap = capLevel(state, actor.tenant, AREA[it.kind])
  const entries = held.flatMap((one) =>
    one.of.access.resources.filter(({ id }) => id === slot).map(({ access }) => ({ one, access })),
  )
  return entries.length > 0
    ? entries.some(({ one, access }) => allows(access, verb) && levelAllows(cap, one, question))
    : held.some((one) => termAllows(one, question))
}

/** The effective verbs: relation and reach meet. */
export const verbsOf = (state: State, actor: Actor, slot: string): Verb[] =>
  verbsOfTenant(state, actor.tenant, slot).filter((verb) => reaches(state, actor, slot, verb))

/** Whether a thing exists for a person. */
export const exists = (state: State, actor: Actor, slot: string): boolean =>
  sees(state, actor.tenant, slot) && reaches(state, actor, slot, 'see')

/** Whether a claim or an entry of a role says something of an area: enough to look at its lists. */
const touches = ({ of }: Held, area: Area): boolean =>
  of.access.claims.some(({ kinds }) => kinds.some((kind) => kind === '*' || AREA[kind as Kind] === area)) ||
  of.access.resources.some(({ kind, access }) => access !== 'none' && AREA[kind] === area)

const isArea = (name: string): name is Area => Object.values(AREA).includes(name as Area)

/**
 * The best level of a person's roles for a permission, cut by the cap (rule 6): what pages and procedures ask first. What is held in a
 * scope gives what concerns resources only.
 */
export function rightOf(state: State, actor: Actor, name: keyof Levels): Level {
  const best = heldBy(state, actor)
    .filter(({ scope }) => scope === '' || isArea(name))
    .map((held) =>
      higher(held.of.levels[name] ?? 'none', isArea(name) && touches(held, name) ? 'read' : 'none'),
    )
    .reduce<Level>(higher, 'none')
  return lower(best, capLevel(state, actor.tenant, name))
}

/** Whether a person may make a thing: what is new is in no group and has no tag, and stands in the scope of its cloud at most. */
export function mayCreate(state: State, actor: Actor, kind: Kind, cloud: string | null): boolean {
  const makes = (level: Level) => level !== 'none' && level !== 'read'
  const cap = capLevel(state, actor.tenant, AREA[kind])
  return heldBy(state, actor).some(({ of, scope }) => {
    if (scope !== '' && (cloud === null || scope !== `cloud:${cloud}`)) return false
    if (cloud !== null && ofRule(of.access.clouds, cloud) !== 'full') return false
    const byClaim = of.access.claims.some(
      ({ kinds, actions, resources }) =>
        [kind, '*'].some((one) => kinds.includes(one)) &&
        resources.includes('*') &&
        ['create', '*'].some((one) => actions.includes(one)),
    )
    return makes(lower(of.levels[AREA[kind]] ?? 'none', cap)) || (byClaim && makes(cap))
  })
}

/** Whether a person answers for the tenant's shares: a cap without sharing stops giving, not taking, so the role's own level counts. */
export const decides = (state: State, actor: Actor): boolean =>
  rightOf(state, actor, 'sharing') !== 'none' &&
  heldBy(state, actor).some(({ of, scope }) => scope === '' && of.levels.sharing === 'full')
