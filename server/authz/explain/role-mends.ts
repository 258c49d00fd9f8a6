import {
  type Access,
  type AccessRule,
  accessOf,
  formatScope,
  parseScope,
  rankAccess,
  type RoleAccess,
  readAccess,
  type Verb,
} from '@/lib/access'
import { type Level, PERMISSIONS, type Permission, rank } from '@/lib/permissions'
import { kindOf } from '@/lib/resource-kinds/registry'
import { claims, verbsOfClaim } from '@/server/authz/reach'
import { ceilingOf, wishOf } from '@/server/authz/rights'
import type { Facts, Question, RoleFact, ThingFact } from './facts'
import type { Mend } from './mend'

/** The role that a person could be given: it says one thing. */
const GIVEN = 'given'

/** What a question is about, in terms of roles. */
interface Wanted {
  permission: Permission
  /** Levels that could be enough, weakest first. */
  levels: readonly Level[]
  access: Access
  label: string
}

function wantedOf({ thing }: Facts, question: Question): Wanted | null {
  const permission = 'permission' in question ? question.permission : thing && kindOf(thing.kind)?.permission
  if (!permission) return null
  const { levels: all, label } = PERMISSIONS[permission]
  const least = 'permission' in question ? question.level : question.verb === 'see' ? 'read' : 'user'
  return {
    permission,
    levels: all.filter((level) => rank(level) >= rank(least)),
    access: 'permission' in question || question.verb !== 'see' ? 'full' : 'read',
    label,
  }
}

/** What could let the person's roles, cut by the cap, do it. */
export function roleMends(facts: Facts, question: Question, roles: readonly number[]): Mend[] {
  const wanted = wantedOf(facts, question)
  if (!wanted) return []
  const verb = 'permission' in question ? null : question.verb
  return [
    ...capMends(facts, wanted),
    ...roles.flatMap((at) => ofRole(facts, at, wanted, verb)),
    giveMend(facts, wanted),
  ]
}

function capMends({ tenant }: Facts, { permission, levels, label }: Wanted): Mend[] {
  const { cap } = tenant
  if (!cap) return []
  const now = ceilingOf(cap)[permission] ?? 'none'
  return levels
    .filter((level) => rank(level) > rank(now))
    .map((level) => ({
      link: 'cap',
      code: 'raise-cap',
      level,
      key: 'cap',
      cost: 0.8 + rank(level) / 100,
      by: 'provider',
      missing: `The tenant role ${cap.name} ${now === 'none' ? `does not allow ${label}` : `allows ${label} at ${now} at most`}.`,
      remedy: `Raise ${label} to ${level} in the tenant role ${cap.name}, or choose another one for the tenant.`,
      at: { page: 'cap', id: cap.id },
      apply: (all) => ({
        ...all,
        tenant: {
          ...all.tenant,
          cap: { ...cap, builtIn: null, levels: { ...ceilingOf(cap), [permission]: level } },
        },
      }),
    }))
}

/** The plainest way to a right: a role that gives it, in the whole tenant. */
function giveMend({ person }: Facts, { permission, access, levels, label }: Wanted): Mend {
  const level = access === 'read' ? (levels[0] ?? 'read') : (levels.at(-1) ?? 'full')
  return {
    link: 'role',
    code: 'give-role',
    level,
    key: 'give-role',
    cost: 1.3,
    by: 'tenant',
    missing: `No role of ${person.name}'s gives ${label} at ${level}.`,
    remedy: `Give ${person.name} a role with ${label} at ${level}.`,
    at: { page: 'user' },
    apply: (all) => ({
      ...all,
      roles: [
        ...all.roles,
        {
          id: GIVEN,
          name: 'another role',
          builtIn: null,
          levels: { [permission]: level },
          scope: '',
          ended: false,
        },
      ],
    }),
  }
}

const change = (facts: Facts, at: number, to: (role: RoleFact) => Partial<RoleFact>): Facts => ({
  ...facts,
  roles: facts.roles.map((role, i) => (i === at ? { ...role, ...to(role) } : role)),
})
const changeAccess = (facts: Facts, at: number, to: (access: RoleAccess) => Partial<RoleAccess>): Facts =>
  change(facts, at, (role) => ({ access: { ...role.access, ...to(readAccess(role.access)) } }))
const withEntry = (rule: AccessRule, id: string, access: Access): AccessRule => ({
  ...rule,
  entries: { ...rule.entries, [id]: access },
})

type Draft = Pick<Mend, 'code' | 'cost' | 'missing' | 'remedy' | 'apply'> & Partial<Mend>

function ofRole(facts: Facts, at: number, wanted: Wanted, verb: Verb | null): Mend[] {
  const role = facts.roles[at]
  if (!role) return []
  const drafts = [
    ...endMends(role, at),
    ...levelMends(role, at, wanted),
    ...scopeMends(facts, role, at),
    ...(facts.thing && verb
      ? [
          ...cutMends(facts.thing, role, at, wanted),
          ...groupMends(facts.thing, role, at, wanted),
          ...claimMends(facts.thing, role, at, verb),
        ]
      : []),
  ]
  return drafts.map((draft) => ({
    link: 'role',
    key: `${draft.code}:${at}`,
    by: 'tenant',
    at:
      draft.code === 'renew-role' || draft.code === 'widen-scope'
        ? { page: 'user' }
        : { page: 'role', id: role.id },
    ...draft,
  }))
}

const endMends = (role: RoleFact, at: number): Draft[] =>
  role.ended
    ? [
        {
          code: 'renew-role',
          cost: 0.7,
          missing: `The role ${role.name} ended on its date.`,
          remedy: `Give the role ${role.name} again, or a later end.`,
          apply: (all) => change(all, at, () => ({ ended: false })),
        },
      ]
    : []

function levelMends(role: RoleFact, at: number, { permission, levels, label }: Wanted): Draft[] {
  if (role.builtIn !== null) return [] // built-in roles are not edited anywhere
  const now = wishOf(role)[permission] ?? 'none'
  return levels
    .filter((level) => rank(level) > rank(now))
    .map((level) => ({
      code: 'raise-level',
      level,
      key: `level:${at}`,
      cost: 1 + rank(level) / 100,
      missing: `The role ${role.name} ${now === 'none' ? `does not give ${label}` : `gives ${label} at ${now} only`}.`,
      remedy: `Raise ${label} to ${level} in the role ${role.name}, or give another role.`,
      apply: (all) => change(all, at, (one) => ({ levels: { ...one.levels, [permission]: level } })),
    }))
}

/** Where an assignment holds. */
function scopeMends({ thing }: Facts, role: RoleFact, at: number): Draft[] {
  const scope = parseScope(role.scope ?? '')
  if (!scope) return []
  const widen: Draft = {
    code: 'widen-scope',
    cost: 1,
    missing: `The role ${role.name} is given for one ${scope.kind} only, which this is not in.`,
    remedy: `Give the role ${role.name} in the whole tenant, or for this too.`,
    apply: (all) => change(all, at, () => ({ scope: '' })),
  }
  if (!thing) return [{ ...widen, missing: `The role ${role.name} is given for one ${scope.kind} only.` }]
  const enter = (field: 'groups' | 'tags', what: string): Draft => ({
    code: field === 'groups' ? 'join-group' : 'add-tag',
    key: `${field}:${scope.value}`,
    cost: 0.9,
    at: { page: 'thing' },
    missing: `The role ${role.name} is given for one ${scope.kind}, and this is not in it.`,
    remedy: `Put it into ${what}, or give the role ${role.name} in the whole tenant.`,
    apply: (all) =>
      all.thing ? { ...all, thing: { ...all.thing, [field]: [...all.thing[field], scope.value] } } : all,
  })
  if (scope.kind === 'group' && !thing.groups.includes(scope.value))
    return [widen, enter('groups', 'that group')]
  if (scope.kind === 'tag' && !thing.tags.includes(scope.value))
    return [widen, enter('tags', `the tag ${scope.value}`)]
  const inside =
    scope.kind === 'cloud' ? thing.cloudId === scope.value : formatScope(scope) === `resource:${thing.id}`
  return inside || scope.kind === 'group' || scope.kind === 'tag' ? [] : [widen]
}

const short = (held: Access, wanted: Access): boolean => rankAccess(held) < rankAccess(wanted)

/** Cloud and Instance Type access, and the entry for this very thing. */
function cutMends(thing: ThingFact, role: RoleFact, at: number, { access: wanted }: Wanted): Draft[] {
  const { clouds, instanceTypes, resources } = readAccess(role.access)
  const words = (held: Access) => (held === 'none' ? 'hides' : 'lets one only see')
  const drafts: Draft[] = []
  if (thing.cloudId !== null && short(accessOf(clouds, thing.cloudId), wanted)) {
    const id = thing.cloudId
    drafts.push({
      code: 'cloud-access',
      cost: 0.9,
      missing: `The role ${role.name} ${words(accessOf(clouds, id))} what is in its cloud.`,
      remedy: `Give the role ${role.name} ${wanted} access to the cloud.`,
      apply: (all) => changeAccess(all, at, (a) => ({ clouds: withEntry(a.clouds, id, wanted) })),
    })
  }
  if (thing.kind === 'instance_type' && short(accessOf(instanceTypes, thing.id), wanted))
    drafts.push({
      code: 'type-access',
      cost: 0.9,
      missing: `The role ${role.name} ${words(accessOf(instanceTypes, thing.id))} this instance type.`,
      remedy: `Give the role ${role.name} ${wanted} access to the instance type.`,
      apply: (all) =>
        changeAccess(all, at, (a) => ({ instanceTypes: withEntry(a.instanceTypes, thing.id, wanted) })),
    })
  const entry = resources.find(({ id, access }) => id === thing.id && short(access, wanted))
  if (entry)
    drafts.push({
      code: 'entry',
      cost: 0.8,
      missing: `The role ${role.name} ${words(entry.access)} this one, by an entry of its own.`,
      remedy: `Change the entry for it in the role ${role.name} to ${wanted}, or take it out.`,
      apply: (all) =>
        changeAccess(all, at, (a) => ({
          resources: a.resources.map((one) => (one.id === thing.id ? { ...one, access: wanted } : one)),
        })),
    })
  return drafts
}

const MOST_GROUPS = 3

/** Level `group`: which groups the role reaches, and which of them the thing is in. */
function groupMends(thing: ThingFact, role: RoleFact, at: number, { access: wanted }: Wanted): Draft[] {
  const { groups } = readAccess(role.access)
  const reach = thing.groups
    .filter((id) => short(accessOf(groups, id), wanted))
    .slice(0, MOST_GROUPS)
    .map((id): Draft => ({
      code: 'group-access',
      key: `group-access:${at}:${id}`,
      cost: 0.9,
      missing:
        `The role ${role.name} does not reach ${wanted === 'full' && accessOf(groups, id) === 'read' ? 'into' : ''} the group it is in${accessOf(groups, id) === 'read' ? ' but to look' : ''}.`.replace(
          '  ',
          ' ',
        ),
      remedy: `Give the role ${role.name} ${wanted} access to the group.`,
      apply: (all) => changeAccess(all, at, (a) => ({ groups: withEntry(a.groups, id, wanted) })),
    }))
  const join = Object.entries(groups.entries)
    .filter(([id, access]) => !short(access, wanted) && !thing.groups.includes(id))
    .slice(0, MOST_GROUPS)
    .map(([id]): Draft => ({
      code: 'join-group',
      key: `groups:${id}`,
      cost: 0.9,
      at: { page: 'thing' },
      missing: `The role ${role.name} reaches what is in its groups, and this is in none of them.`,
      remedy: 'Put it into a group that the role reaches.',
      apply: (all) =>
        all.thing ? { ...all, thing: { ...all.thing, groups: [...all.thing.groups, id] } } : all,
    }))
  return [...reach, ...join]
}

const ACTION = { see: 'get', act: 'action', edit: 'update', delete: 'delete' } as const

/** Claims that nearly allow it: of the kind, but not this action, or not this object. */
function claimMends(thing: ThingFact, role: RoleFact, at: number, verb: Verb): Draft[] {
  return readAccess(role.access).claims.flatMap((claim, n) => {
    if (!claims(claim, thing.kind)) return []
    const toAction = verbsOfClaim(claim, thing.kind).includes(verb)
    const toObject = claim.resources.includes('*') || claim.resources.includes(thing.id)
    if (toAction && toObject) return []
    const what = toAction ? 'this one' : toObject ? `the action ${ACTION[verb]}` : 'this one and this action'
    return [
      {
        code: toAction ? 'claim-object' : toObject ? 'claim-action' : 'claim-both',
        key: `claim:${at}:${n}`,
        cost: toAction || toObject ? 0.95 : 1.2,
        missing: `A claim of the role ${role.name} names its kind, but not ${what}.`,
        remedy: `Add ${what} to the claim in the role ${role.name}.`,
        apply: (all: Facts) =>
          changeAccess(all, at, (a) => ({
            claims: a.claims.map((one, i) =>
              i === n
                ? {
                    ...one,
                    actions: toAction ? one.actions : [...one.actions, ACTION[verb]],
                    resources: toObject ? one.resources : [...one.resources, thing.id],
                  }
                : one,
            ),
          })),
      },
    ]
  })
}
