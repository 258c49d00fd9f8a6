import { MASTER_TENANT_ID } from '@/lib/master'
import { isMasterOnly, type Level, type Permission } from '@/lib/permissions'
import { kindOf } from '@/lib/resource-kinds/registry'
import { assertAllowed } from '@/server/authz/assert'
import { assertGate } from '@/server/authz/gate'
import { type Reach, reachOf, verbsOn } from '@/server/authz/reach'
import { type GrantRole, type RelationRow, verbsOfRelation } from '@/server/authz/relation'
import { effectiveRights } from '@/server/authz/rights'
import type { Way } from '@/server/authz/sight'
import { AppError } from '@/server/platform/errors'
import type { Facts, GrantFact, Question, TenantFact, ThingFact } from './facts'

// One question, answered by the functions that answer it for every request; `explain` asks them again and again, with one fact
// after the other put right.

const refusal = (fn: () => void): AppError | null => {
  try {
    fn()
    return null
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
}

const isLive = (grant: GrantFact): boolean => grant.status === 'live' && !grant.ended

/** Whether one way of `sightArms` leads to the thing: the same as its `where`, on facts (held together by a test). */
const HOLDS: Record<Way, (tenant: TenantFact, thing: ThingFact) => boolean> = {
  owned: (tenant, thing) => tenant.isMaster && thing.ownerId === MASTER_TENANT_ID,
  assigned: (tenant, thing) => !tenant.isMaster && thing.assignedId === tenant.id,
  public: (tenant, thing) => !tenant.isMaster && thing.visibility === 'public' && thing.cloudId === null,
  publicInCloud: (tenant, { visibility, cloud }) =>
    !tenant.isMaster &&
    visibility === 'public' &&
    cloud !== null &&
    cloud.public &&
    cloud.added &&
    cloud.offered !== 'none',
  allOfKind: (tenant, thing) =>
    !tenant.isMaster &&
    thing.ownerId === MASTER_TENANT_ID &&
    thing.assignedId === thing.ownerId &&
    thing.grants.some((grant) => grant.all && isLive(grant)),
  shared: (tenant, thing) => !tenant.isMaster && thing.grants.some((grant) => !grant.all && isLive(grant)),
}

/** The ways in which a tenant sees a thing; none: it does not exist for it (rule 1). */
export const waysOf = (tenant: TenantFact, thing: ThingFact): Way[] =>
  (Object.keys(HOLDS) as Way[]).filter((way) => HOLDS[way](tenant, thing))

const GRANT_ROLES: readonly GrantRole[] = ['viewer', 'editor', 'admin']

/** As `grantRoleSql`: the best live grant, of it or of all of its kind. */
function grantRoleOf(thing: ThingFact): GrantRole | null {
  const live = thing.grants.filter(
    (grant) => isLive(grant) && (!grant.all || thing.assignedId === thing.ownerId),
  )
  return GRANT_ROLES.findLast((role) => live.some((grant) => grant.role === role)) ?? null
}

const relationRow = (thing: ThingFact): RelationRow => ({ ...thing, grantRole: grantRoleOf(thing) })

const live = (facts: Facts) => facts.roles.filter(({ ended }) => !ended)

const reach = (facts: Facts): Reach =>
  reachOf(facts.tenant.id, facts.person.userId, live(facts), facts.tenant.cap)

/** The permission that a question asks for, and at what level the declaration of its procedure does. */
function permissionOf({ thing }: Facts, question: Question): readonly [Permission, Level] | undefined {
  if ('permission' in question) return [question.permission, question.level]
  const permission = thing && kindOf(thing.kind)?.permission
  return permission ? [permission, 'read'] : undefined
}

/** What `assertAllowed` says to the procedure that the question is about. */
function refused(facts: Facts, question: Question): AppError | null {
  const { gate, tenant, person } = facts
  const permission = permissionOf(facts, question)
  const scope = permission && isMasterOnly(permission[0]) ? 'master' : 'tenant'
  const op = {
    gate,
    tenant: {
      ...tenant,
      slug: '',
      icon: '',
      currency: '',
      cap: tenant.cap && { ...tenant.cap, sharing: false, landing: '' },
    },
    actor: {
      userId: person.userId,
      username: '',
      displayName: person.name,
      email: '',
      homeTenantId: tenant.id,
      parentLevel: false,
      mustChangePassword: person.mustChangePassword,
      roles: [],
    },
    impersonator: null,
    session: { id: '', tokenHash: '', createdAt: '', absoluteExpiresAt: '' },
    rights: effectiveRights(live(facts), tenant.cap),
  }
  return refusal(() => assertAllowed(op, { scope, permission, audit: 'none', summary: '' }))
}

/** Whether one part of the answer is yes. */
export const PARTS = {
  /** Multi-tenancy is on and licensed. */
  licence: ({ gate, tenant }: Facts) => tenant.isMaster || refusal(() => assertGate(gate, 'use')) === null,
  tenant: ({ tenant }: Facts) => tenant.status === 'active',
  person: ({ person }: Facts) => person.active && !person.mustChangePassword,
  /** The tenant sees the thing, and may do that with it. */
  relation: ({ tenant, thing }: Facts, question: Question) =>
    'permission' in question ||
    (thing !== null &&
      waysOf(tenant, thing).length > 0 &&
      verbsOfRelation(tenant.id, relationRow(thing)).has(question.verb)),
  /** The person's roles, cut by the cap, reach it. */
  reach: (facts: Facts, question: Question) => {
    const open: Facts = {
      ...facts,
      gate: { ...facts.gate, state: 'on' },
      tenant: { ...facts.tenant, status: 'active' },
      person: { ...facts.person, mustChangePassword: false },
    }
    if (refused(open, question)) return false
    return (
      'permission' in question ||
      (facts.thing !== null && verbsOn(reach(facts), facts.thing).has(question.verb))
    )
  },
} as const satisfies Record<string, (facts: Facts, question: Question) => boolean>
export type Part = keyof typeof PARTS

/** The answer. */
export const decide = (facts: Facts, question: Question): boolean =>
  facts.person.active &&
  refused(facts, question) === null &&
  PARTS.relation(facts, question) &&
  PARTS.reach(facts, question)
