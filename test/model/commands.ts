import fc from 'fast-check'
import { verdictOf } from './model'
import type { Op } from './ops'
import {
  type Access,
  type Claim,
  type GrantRole,
  INSIDE,
  type Kind,
  type Level,
  type Levels,
  type Person,
  PERSONS,
  PLAIN,
  type RoleAccess,
  type Rule,
  type State,
  type Tenant,
} from './state'

// Few slots and few names, so that operations meet each other; mostly by those who may, so that most of them do something.

const of = <T>(...values: T[]) => fc.constantFrom(...values)
/** Mostly the first; now and then one of the others. */
const mostly = <T>(usual: fc.Arbitrary<T>, other: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 6, arbitrary: usual }, { weight: 1, arbitrary: other })

const anybody = of<Person>(...PERSONS)
const master = mostly<Person>(of('Mara'), anybody)
const owner = mostly<Person>(of('Mara', 'Ada', 'Bo'), anybody)
const subtenant = mostly<Person>(of('Ada', 'Bo', 'Eve'), anybody)
const slot = of(...Array.from({ length: 13 }, (_, i) => `r${i}`))
const fresh = of('r10', 'r11', 'r12', 'r7')
const cloud = of('r0', 'r1', 'r2', 'r10')
const kind = of<Kind>('virtual_machine', 'host', 'virtual_image', 'instance_type', 'cloud')
const name = of('web', 'Web 2', 'db', 'web-db', 'Ünï')
const tenant = of<Tenant>('A', 'B', 'N', 'C')
const anyTenant = of<Tenant>('M', 'A', 'B', 'N', 'C')
const role = of<GrantRole>('viewer', 'editor', 'admin')
const access = of<Access>('none', 'read', 'full')
const cap = of('customer', 'organization', 'custom')
const level = of<Level>('none', 'read', 'user', 'group', 'full')
const custom = of('role0', 'role1', 'role2')
const anyRole = of('role0', 'role1', 'role2', 'viewer', 'editor', 'support')
const group = of('gM', 'gA', 'gA2', 'gB')
const tag = of('red', 'blue')
const nth = fc.nat(7)

const levels: fc.Arbitrary<Levels> = fc.record({
  clouds: level,
  hosts: level,
  virtualMachines: level,
  library: level,
  sharing: of<Level>('none', 'read', 'full'),
})
const rule = (usual: Access, ids: fc.Arbitrary<string>): fc.Arbitrary<Rule> =>
  fc.record({
    default: mostly<Access>(of(usual), access),
    entries: fc.dictionary(ids, access, { maxKeys: 2 }),
  })
const claim: fc.Arbitrary<Claim> = fc.record({
  kinds: fc.uniqueArray(of('*', 'virtual_machine', 'host', 'cloud'), { minLength: 1, maxLength: 2 }),
  actions: fc.uniqueArray(of('*', 'list', 'get', 'update', 'delete', 'action'), {
    minLength: 1,
    maxLength: 3,
  }),
  resources: fc.oneof(fc.constant<string[]>(['*']), fc.uniqueArray(slot, { minLength: 1, maxLength: 3 })),
})
const entries = fc.uniqueArray(fc.record({ id: slot, kind, access }), {
  maxLength: 2,
  selector: ({ id }) => id,
})
const roleAccess: fc.Arbitrary<RoleAccess> = fc.oneof(
  fc.constant(PLAIN),
  fc.record({
    groups: rule('none', group),
    clouds: rule('full', cloud),
    instanceTypes: rule('full', slot),
    resources: entries,
    claims: fc.array(claim, { maxLength: 2 }),
  }),
)
const scope = fc.oneof(
  { weight: 2, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: cloud.map((id) => `cloud:${id}`) },
  { weight: 1, arbitrary: group.map((id) => `group:${id}`) },
  { weight: 1, arbitrary: tag.map((id) => `tag:${id}`) },
  { weight: 1, arbitrary: slot.map((id) => `resource:${id}`) },
)

/**
 * What somebody means to do, made an operation by what there is: the first of several ways that is allowed, or something to a
 * grant that there is. Blind ones would nearly all be refused.
 */
export type Wish =
  | { tries: Op[] }
  | {
      nth: number
      by: Person | null
      then: 'changeGrant' | 'rename' | 'revoke' | 'accept' | 'revokeAll' | 'deleteRole' | 'relink'
      role: GrantRole
    }

const op = <Name extends Op['op']>(
  named: Name,
  fields: {
    [Key in Exclude<keyof Extract<Op, { op: Name }>, 'op'>]: fc.Arbitrary<Extract<Op, { op: Name }>[Key]>
  },
  tries = 4,
): fc.Arbitrary<Wish> => {
  const one = fc.record({ op: fc.constant(named), ...fields }) as unknown as fc.Arbitrary<Op>
  return fc.record({ tries: fc.array(one, { minLength: 1, maxLength: tries, size: 'max' }) })
}
const toWhatIs = (then: Extract<Wish, { then: string }>['then']): fc.Arbitrary<Wish> =>
  fc.record({ nth, by: mostly(fc.constant(null), anybody), then: fc.constant(then), role })

const WISHES: fc.Arbitrary<Wish>[] = [
  op('create', { by: anybody, slot: fresh, kind, name, cloud: fc.option(cloud) }),
  op('create', { by: owner, slot: fresh, kind, name, cloud }),
  op('rename', { by: owner, slot, name }),
  op('edit', { by: owner, slot }),
  op('remove', { by: owner, slot }),
  op('remove', { by: of<Person>('Mara'), slot: cloud }, 1),
  op('assign', { by: master, slot, to: anyTenant }),
  op('assign', { by: master, slot: cloud, to: anyTenant }),
  op('assign', { by: master, slot, to: of<Tenant>('M') }),
  op('publish', { by: master, slot, visibility: of('private', 'public') }),
  op('capCloud', { by: master, cap, cloud, level: fc.option(access) }),
  op('capDefault', { by: master, cap, level: access }),
  op('capLevels', { by: master, cap: mostly(of('custom'), cap), levels }),
  op('capLevels', { by: master, cap: of('custom'), levels: fc.constant(INSIDE) }, 1),
  op('setCap', { by: master, tenant: of<Tenant>('A', 'B', 'A', 'B', 'N', 'C'), cap }, 1),
  op('setStatus', { by: master, tenant, active: mostly(fc.constant(true), fc.constant(false)) }, 1),
  op('addCloud', { by: subtenant, cloud }),
  op('dropCloud', { by: subtenant, cloud }),
  op('grant', { by: owner, slot, to: tenant, role }),
  op('grant', { by: owner, slot, to: of<Tenant>('A', 'B'), role }, 8),
  // Of what is one's own: what else may be wrong then is the cap, the target or the state of the thing.
  op('grant', { by: of<Person>('Ada', 'Bo'), slot: of('r7', 'r8', 'r10'), to: tenant, role }, 1),
  toWhatIs('changeGrant'),
  toWhatIs('rename'),
  toWhatIs('revoke'),
  toWhatIs('accept'),
  op('acceptance', { by: master, on: fc.boolean() }, 1),
  op('grantAll', { by: master, to: tenant, kind, role }),
  toWhatIs('revokeAll'),
  op('expire', { what: of('grant', 'grantAll', 'assignment'), nth }, 1),
  op('member', { by: owner, group, slot, add: mostly(fc.constant(true), fc.constant(false)) }),
  op('member', { by: of<Person>('Ada', 'Bo'), group: of('gA', 'gB'), slot, add: fc.constant(true) }, 1),
  op('tag', { by: owner, slot, tag, add: mostly(fc.constant(true), fc.constant(false)) }),
  op('createRole', { by: owner, role: custom, multi: fc.boolean(), levels, access: roleAccess }),
  op('editRole', { by: owner, role: custom, levels, access: roleAccess }),
  toWhatIs('deleteRole'),
  op('diverge', { by: subtenant, template: anyRole, role: custom, levels, access: roleAccess }),
  op('relink', { by: subtenant, role: custom }),
  toWhatIs('relink'),
  op('assignRole', {
    by: owner,
    user: anybody,
    role: anyRole,
    scope,
    expired: mostly(fc.constant(false), fc.constant(true)),
  }),
  op('assignRole', {
    by: of<Person>('Ada'),
    user: of<Person>('Tom', 'Nora', 'Eve'),
    role: anyRole,
    scope,
    expired: fc.constant(false),
  }),
  op('unassign', { by: owner, nth }),
]

/** A wish, done by the procedure where there is one, or by SQL of one's own. */
export interface Step {
  wish: Wish
  byApp: boolean
}
/** Some steps, and which half of the people look at what became of it all: the other half does in other sequences. */
export interface Sequence {
  steps: Step[]
  half: number
}
export const sequences: fc.Arbitrary<Sequence> = fc.record({
  steps: fc.array(fc.record({ wish: fc.oneof(...WISHES), byApp: fc.boolean() }), {
    minLength: 1,
    maxLength: 16,
    size: 'max',
  }),
  half: fc.nat(1),
})

const ADMINS: Record<Tenant, Person> = { M: 'Mara', A: 'Ada', B: 'Bo', C: 'Cai', N: 'Mara' }
const nthOf = <T>(list: T[], n: number): T | undefined => list[n % Math.max(list.length, 1)]

/** Links a copy to its template again; where there is none yet, makes one, which the next such wish finds. */
function relinkOrDiverge(state: State, n: number, by: Person | null): Op | null {
  const copy = nthOf(
    Object.entries(state.roles).filter(([, it]) => it.template !== null),
    n,
  )
  if (copy) return { op: 'relink', by: by ?? ADMINS[copy[1].tenant], role: copy[0] }
  const role = ['role0', 'role1', 'role2'].find((slot) => !state.roles[slot])
  const admin = n % 2 === 0 ? 'Ada' : 'Bo'
  return role
    ? { op: 'diverge', by: by ?? admin, template: 'editor', role, levels: INSIDE, access: PLAIN }
    : null
}

/** The operation that a wish is where things stand like that; null: there is nothing to do it to. */
export function resolve(state: State, wish: Wish): Op | null {
  if ('tries' in wish)
    return wish.tries.find((one) => verdictOf(state, one) === 'ok') ?? wish.tries[0] ?? null
  const { nth: n, by, then } = wish
  if (then === 'deleteRole') {
    const [slot, it] =
      nthOf(
        Object.entries(state.roles).filter(([, it]) => !it.builtIn),
        n,
      ) ?? []
    return slot && it ? { op: then, by: by ?? ADMINS[it.tenant], role: slot } : null
  }
  if (then === 'relink') return relinkOrDiverge(state, n, by)
  if (then === 'revokeAll') {
    const all = nthOf(Object.values(state.grantsOfAll), n)
    return all ? { op: then, by: by ?? 'Mara', to: all.tenant, kind: all.kind } : null
  }
  const grant = nthOf(Object.values(state.grants), n)
  if (!grant) return null
  const { resource: slot, tenant: to } = grant
  if (then === 'rename') return { op: then, by: by ?? ADMINS[to], slot, name: 'web' }
  if (then === 'accept') return { op: then, by: by ?? ADMINS[to], slot }
  if (then === 'revoke') return { op: then, by: by ?? ADMINS[n % 2 === 0 ? grant.owner : to], slot, to }
  return { op: then, by: by ?? ADMINS[grant.owner], slot, to, role: wish.role }
}
