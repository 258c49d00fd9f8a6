import { MASTER_TENANT_ID } from '@/lib/master'
import { kindOf } from '@/lib/resource-kinds/registry'
import type { Facts, GrantFact, Question, ThingFact } from './facts'
import type { Mend, Mender } from './mend'

const withThing = (facts: Facts, change: Partial<ThingFact>): Facts =>
  facts.thing ? { ...facts, thing: { ...facts.thing, ...change } } : facts
const withCloud = (facts: Facts, change: Partial<NonNullable<ThingFact['cloud']>>): Facts =>
  facts.thing?.cloud ? withThing(facts, { cloud: { ...facts.thing.cloud, ...change } }) : facts

/** Assigning forces private and ends the grants (rule 4). */
const assigned = (facts: Facts, to: string): Facts =>
  withThing(facts, {
    assignedId: to,
    visibility: 'private',
    grants: facts.thing?.grants.filter(({ all }) => all) ?? [],
  })

/** What could let the tenant see the thing, or do that with it. */
export function relationMends(facts: Facts, question: Question): Mend[] {
  const { thing, tenant } = facts
  if (!thing || 'permission' in question) return []
  if (tenant.isMaster) return takeBack(facts, thing)
  const byMaster = thing.ownerId === MASTER_TENANT_ID
  return [
    ...(byMaster ? assignMends(facts, thing) : []),
    ...(byMaster ? publicMends(thing) : []),
    ...grantMends(thing, question.verb === 'see'),
    ...shareMends(facts, thing, question.verb === 'see'),
  ]
}

function takeBack({ tenant }: Facts, thing: ThingFact): Mend[] {
  if (thing.assignedId === tenant.id) return []
  return [
    {
      link: 'assignment',
      code: 'take-back',
      key: 'assign',
      cost: 1,
      by: 'provider',
      missing: `It is assigned to ${thing.assignedName ?? 'another tenant'}, which alone uses it.`,
      remedy: 'Assign it back to the master tenant.',
      at: { page: 'thing', action: 'assign' },
      apply: (all) => assigned(all, tenant.id),
    },
  ]
}

function assignMends({ tenant }: Facts, thing: ThingFact): Mend[] {
  const kind = kindOf(thing.kind)
  if (thing.assignedId === tenant.id || !kind?.canBeAssigned) return []
  const elsewhere = thing.assignedId !== thing.ownerId
  return [
    {
      link: 'assignment',
      code: 'assign',
      key: 'assign',
      cost: elsewhere ? 2.4 : 1.9,
      by: 'provider',
      missing: elsewhere
        ? `It is assigned to ${thing.assignedName ?? 'another tenant'}, which alone uses it.`
        : `It is not assigned to ${tenant.name}.`,
      remedy: `Assign it to ${tenant.name}${elsewhere ? ', which takes it from the other tenant' : ''}.`,
      at: { page: 'thing', action: 'assign' },
      apply: (all) => assigned(all, tenant.id),
    },
  ]
}

function publicMends(thing: ThingFact): Mend[] {
  const { cloud } = thing
  const mends: (Mend | false)[] = [
    thing.visibility === 'private' &&
      thing.assignedId === thing.ownerId &&
      kindOf(thing.kind)?.canBePublic === true && {
        link: 'visibility',
        code: 'publish',
        key: 'publish',
        cost: 3,
        by: 'provider',
        missing: 'It is private.',
        remedy: 'Make it public, so that every tenant sees it.',
        at: { page: 'thing' },
        apply: (all) =>
          withThing(
            all,
            thing.kind === 'cloud' && all.thing?.cloud
              ? { visibility: 'public', cloud: { ...all.thing.cloud, public: true } }
              : { visibility: 'public' },
          ),
      },
  ]
  return [...mends.filter((one): one is Mend => one !== false), ...(cloud ? cloudMends(thing, cloud) : [])]
}

function cloudMends(thing: ThingFact, cloud: NonNullable<ThingFact['cloud']>): Mend[] {
  const name = cloud.id === thing.id ? 'this cloud' : `the cloud ${cloud.name ?? 'it stands in'}`
  const mends: (Mend | false)[] = [
    cloud.id !== thing.id &&
      !cloud.public && {
        link: 'cloud',
        code: 'publish-cloud',
        key: 'publish-cloud',
        cost: 0.8,
        by: 'provider',
        missing: `It stands in ${name}, which is private.`,
        remedy: `Make ${name} public.`,
        at: { page: 'cloud' },
        apply: (all) => withCloud(all, { public: true }),
      },
    cloud.offered === 'none' && {
      link: 'cloud',
      code: 'offer-cloud',
      key: 'offer-cloud',
      cost: 0.5,
      by: 'provider',
      missing: `The tenant role does not grant ${name}.`,
      remedy: `Grant ${name} in the tenant role.`,
      at: { page: 'tenant' },
      apply: (all) => withCloud(all, { offered: 'read' }),
    },
    !cloud.added && {
      link: 'cloud',
      code: 'add-cloud',
      key: 'add-cloud',
      cost: 0.5,
      by: 'tenant',
      missing: `The tenant has not added ${name}.`,
      remedy: `Add ${name} in the tenant, under Clouds.`,
      at: null,
      apply: (all) => withCloud(all, { added: true }),
    },
  ]
  return mends.filter((one): one is Mend => one !== false)
}

const changed = (facts: Facts, at: number, change: Partial<GrantFact>): Facts =>
  withThing(facts, {
    grants: facts.thing?.grants.map((grant, i) => (i === at ? { ...grant, ...change } : grant)) ?? [],
  })

/** What is shared already, and stuck. */
const grantMends = (thing: ThingFact, toSee: boolean): Mend[] =>
  thing.grants.flatMap((grant, at) => [
    ...statusMends(thing, grant, at),
    ...roleOfGrant(thing, grant, at, toSee),
  ])

const shareOf = ({ kind }: ThingFact, { all }: GrantFact): string =>
  all ? `The share of all ${kindOf(kind)?.plural.toLowerCase() ?? 'of its kind'}` : 'Its share'
/** What a tenant owns, another tenant shares; the rest is the provider's. */
const sharer = ({ ownerId }: ThingFact): Mender => (ownerId === MASTER_TENANT_ID ? 'provider' : 'owner')
const byOwner = (thing: ThingFact) => ({ link: 'share', by: sharer(thing), at: { page: 'thing' } }) as const

function statusMends(thing: ThingFact, grant: GrantFact, at: number): Mend[] {
  const [what, ofKind] = [shareOf(thing, grant), grant.all ? '-all' : '']
  const mends: (Mend | false)[] = [
    grant.status === 'pending' && {
      link: 'share',
      code: `accept-share${ofKind}`,
      key: `status:${at}`,
      cost: 0.5,
      by: 'tenant',
      missing: `${what} waits to be accepted.`,
      remedy: 'An administrator of the tenant accepts it.',
      at: null,
      apply: (all) => changed(all, at, { status: 'live' }),
    },
    grant.status === 'suspended' && {
      ...byOwner(thing),
      code: `resume-share${ofKind}`,
      key: `status:${at}`,
      cost: 0.6,
      missing: `${what} rests: its owner may not share now.`,
      remedy: 'Let its owner share again, in its tenant role.',
      apply: (all) => changed(all, at, { status: 'live' }),
    },
  ]
  return mends.filter((one): one is Mend => one !== false)
}

function roleOfGrant(thing: ThingFact, grant: GrantFact, at: number, toSee: boolean): Mend[] {
  const [what, ofKind] = [shareOf(thing, grant), grant.all ? '-all' : '']
  const mends: (Mend | false)[] = [
    grant.ended && {
      ...byOwner(thing),
      code: `renew-share${ofKind}`,
      key: `end:${at}`,
      cost: 0.5,
      missing: `${what} has expired.`,
      remedy: 'Share it again, or with a later end.',
      apply: (all) => changed(all, at, { ended: false }),
    },
    !toSee &&
      grant.role === 'viewer' && {
        ...byOwner(thing),
        code: `raise-share${ofKind}`,
        key: `role:${at}`,
        cost: 0.7,
        missing: `${what} is to look at only.`,
        remedy: 'Share it with the role editor.',
        apply: (all) => changed(all, at, { role: 'editor' }),
      },
  ]
  return mends.filter((one): one is Mend => one !== false)
}

/** What was never shared. Only what its owner uses itself is; what is assigned is taken back first. */
function shareMends({ tenant }: Facts, thing: ThingFact, toSee: boolean): Mend[] {
  if (thing.ownerId === tenant.id || !kindOf(thing.kind)?.canBeGranted) return []
  const away = thing.assignedId !== thing.ownerId
  const role = toSee ? 'viewer' : 'editor'
  return [
    {
      link: 'share',
      code: away ? 'take-back-and-share' : 'share',
      key: 'assign',
      cost: away ? 2.6 : 2,
      by: sharer(thing),
      missing:
        thing.assignedId === tenant.id
          ? 'It is assigned: used, and changed by its owner only.'
          : `It is not shared with ${tenant.name}${toSee ? '' : ' as editor'}.`,
      remedy: away
        ? `Take it back, then share it with ${tenant.name} as ${role}.`
        : `Share it with ${tenant.name} as ${role}.`,
      at: { page: 'thing' },
      apply: (all) => {
        const grants = all.thing?.grants.filter(({ all: ofKind }) => ofKind) ?? []
        return withThing(all, {
          assignedId: thing.ownerId,
          grants: [...grants, { role, status: 'live', ended: false, all: false }],
        })
      },
    },
  ]
}
