import { type Permission, PERMISSIONS } from '@/lib/permissions'
import { kindOf } from '@/lib/resource-kinds/registry'
import { ceilingOf, wishOf } from '@/server/authz/rights'
import { waysOf } from './decide'
import type { Explanation } from './explain'
import type { Facts, Question, ThingFact } from './facts'
import { type Link, LINKS } from './mend'

/** One link of the chain: it holds, it is what is missing, or the answer does not hang on it. */
export interface ChainLink {
  link: Link
  state: 'holds' | 'missing' | 'none'
  words: string
}

const OF_THINGS: readonly Link[] = ['assignment', 'visibility', 'cloud', 'share']

/** The whole chain, link by link, with what is missing marked. */
export function chainOf(facts: Facts, question: Question, { missing, never }: Explanation): ChainLink[] {
  const links = LINKS.filter((link) => facts.thing !== null || !OF_THINGS.includes(link))
  return links.map((link) => {
    const wrong = missing.filter((mend) => mend.link === link).map((mend) => mend.missing)
    if (wrong.length > 0) return { link, state: 'missing', words: wrong.join(' ') }
    if (never?.link === link) return { link, state: 'missing', words: never.why }
    const [holds, words] = WORDS[link](facts, question)
    return { link, state: holds ? 'holds' : 'none', words }
  })
}

type Say = (facts: Facts, question: Question) => readonly [holds: boolean, words: string]
const ofThing =
  (say: (thing: ThingFact, facts: Facts) => readonly [boolean, string]): Say =>
  (facts) =>
    facts.thing ? say(facts.thing, facts) : [false, '']

const WORDS: Record<Link, Say> = {
  licence: ({ gate, tenant }) =>
    tenant.isMaster
      ? [false, 'The master tenant works without it.']
      : [
          true,
          gate.state === 'expired'
            ? 'The licence has ended; what is there goes on.'
            : 'Multi-tenancy is on and licensed.',
        ],
  tenant: ({ tenant }) => [true, `${tenant.name} is active.`],
  person: ({ person }) => [true, `${person.name} may sign in. A session in a browser narrows nothing.`],
  assignment: ofThing((thing, { tenant }) => {
    const here = thing.assignedId === tenant.id
    if (thing.ownerId === tenant.id)
      return [
        true,
        here
          ? `${tenant.name} owns and uses it.`
          : `${tenant.name} owns it, and has assigned it to ${thing.assignedName ?? 'another tenant'}.`,
      ]
    return here
      ? [true, `It is assigned to ${tenant.name}, which uses it and does not change it.`]
      : [false, `It is not assigned to ${tenant.name}.`]
  }),
  visibility: ofThing((thing, facts) => {
    const ways = waysOf(facts.tenant, thing)
    if (thing.visibility === 'private') return [false, 'Private: seen where it is owned, assigned or shared.']
    return [ways.includes('public') || ways.includes('publicInCloud'), 'Public: offered to every tenant.']
  }),
  cloud: ofThing(({ cloud, id }, { tenant }) => {
    if (!cloud) return [false, 'It stands in no cloud.']
    const name = cloud.id === id ? 'This cloud' : `The cloud ${cloud.name ?? 'it stands in'}`
    if (tenant.isMaster || !cloud.public) return [false, `${name} is not a public one of the provider's.`]
    const words = [
      cloud.offered === 'none'
        ? 'is not granted by the tenant role'
        : `is granted by the tenant role (${cloud.offered})`,
      cloud.added ? 'added by the tenant' : 'not added by the tenant',
    ]
    return [cloud.added && cloud.offered !== 'none', `${name} ${words.join(' and ')}.`]
  }),
  share: ofThing((thing, { tenant }) => {
    if (thing.ownerId === tenant.id) return [false, 'Not needed: it is its own.']
    const live = thing.grants.filter(({ status, ended }) => status === 'live' && !ended)
    if (live.length === 0) return [false, `It is not shared with ${tenant.name}.`]
    const words = live.map(
      ({ all, role }) =>
        `${all ? `all ${kindOf(thing.kind)?.plural.toLowerCase() ?? ''} as ${role}` : `as ${role}`}`,
    )
    return [true, `Shared with ${tenant.name} ${words.join(', ')}.`]
  }),
  cap: (facts, question) => {
    const { cap, isMaster } = facts.tenant
    const permission = permissionOf(facts, question)
    if (isMaster || !cap || !permission) return [false, 'The master tenant has no tenant role.']
    return [
      true,
      `The tenant role ${cap.name} allows ${PERMISSIONS[permission].label} up to ${ceilingOf(cap)[permission] ?? 'none'}.`,
    ]
  },
  role: (facts, question) => {
    const permission = permissionOf(facts, question)
    const held = facts.roles.filter(({ ended }) => !ended)
    if (held.length === 0 || !permission) return [false, `${facts.person.name} holds no role.`]
    const words = held.map((role) => `${role.name} gives ${wishOf(role)[permission] ?? 'none'}`)
    return [true, `${PERMISSIONS[permission].label}: ${[...new Set(words)].join(', ')}.`]
  },
}

const permissionOf = ({ thing }: Facts, question: Question): Permission | undefined =>
  'permission' in question ? question.permission : thing ? kindOf(thing.kind)?.permission : undefined

const VERB_WORDS = { see: 'see', act: 'use', edit: 'change', delete: 'remove' } as const
const LEVEL_WORDS = {
  none: 'have',
  read: 'look at',
  user: 'change their own',
  group: 'change their groups’',
  full: 'change',
} as const

/** The answer in one sentence. */
export function summaryOf(facts: Facts, question: Question, { allowed }: Explanation): string {
  const who = facts.person.name
  if ('permission' in question) {
    const { label } = PERMISSIONS[question.permission]
    return `${who} may ${allowed ? '' : 'not '}${LEVEL_WORDS[question.level]} ${label} in ${facts.tenant.name}.`
  }
  return `${who} may ${allowed ? '' : 'not '}${VERB_WORDS[question.verb]} ${facts.thing?.name ?? 'it'} in ${facts.tenant.name}.`
}
