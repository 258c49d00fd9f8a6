import { createHash } from 'node:crypto'

/** Tenants of the test world by letter: the master, two subtenants in use, one disabled, one deleted, one new and empty. */
export const TENANTS = {
  M: { slug: 'default', name: 'Freehold MSP', status: 'active' },
  A: { slug: 'acme', name: 'Acme', status: 'active' },
  B: { slug: 'bolt', name: 'Bolt', status: 'active' },
  C: { slug: 'closed', name: 'Closed', status: 'disabled' },
  E: { slug: 'ended', name: 'Ended', status: 'deleted' },
  N: { slug: 'newco', name: 'Newco', status: 'active' },
} as const
export type TenantKey = keyof typeof TENANTS

export interface Person {
  tenant: TenantKey
  username: string
  /** `built_in` of the role held; null: none at all. */
  role: string | null
  /** The session is over, though its cookie is still there. */
  expired?: true
}

/** The people of the test world. Acme and Bolt have the same usernames on purpose. */
export const PEOPLE = {
  Mara: { tenant: 'M', username: 'mara', role: 'super_admin' },
  Sam: { tenant: 'M', username: 'sam', role: 'support' },
  Ada: { tenant: 'A', username: 'ada', role: 'owner' },
  Ann: { tenant: 'A', username: 'ann', role: 'admin' },
  Eve: { tenant: 'A', username: 'eve', role: 'editor' },
  Tom: { tenant: 'A', username: 'tom', role: 'viewer' },
  Nora: { tenant: 'A', username: 'nora', role: null },
  Exa: { tenant: 'A', username: 'exa', role: 'owner', expired: true },
  Bo: { tenant: 'B', username: 'bo', role: 'admin' },
  'Bolt Ada': { tenant: 'B', username: 'ada', role: 'owner' },
  'Bolt Tom': { tenant: 'B', username: 'tom', role: 'viewer' },
  Cai: { tenant: 'C', username: 'ada', role: 'owner' },
  Cora: { tenant: 'C', username: 'tom', role: 'viewer' },
  Eli: { tenant: 'E', username: 'ada', role: 'owner' },
  Ella: { tenant: 'E', username: 'tom', role: 'viewer' },
} as const satisfies Record<string, Person>
export type PersonName = keyof typeof PEOPLE
export const PERSON_NAMES = Object.keys(PEOPLE) as PersonName[]

/** Who calls in a sweep: a person, or one who is nobody on Acme's host. */
export type ActorName = PersonName | 'nobody' | 'garbage'
/** In the order of the golden matrix. */
export const ACTORS: ActorName[] = [
  'nobody',
  'garbage',
  'Exa',
  'Mara',
  'Sam',
  'Ada',
  'Ann',
  'Eve',
  'Tom',
  'Nora',
  'Bo',
  'Cai',
  'Eli',
]

export const personOf = (name: PersonName): Person => PEOPLE[name]
/** The tenant on whose host an actor knocks. */
export const tenantOf = (actor: ActorName): TenantKey =>
  actor in PEOPLE ? PEOPLE[actor as PersonName].tenant : 'A'

/** The session token of a person in the test world: the same in every clone, as each clones one template. */
export const tokenOf = (name: PersonName): string =>
  createHash('sha256').update(`world token ${name}`).digest('base64url')
/** The password of everybody who can sign in. */
export const PASSWORD = 'correct horse battery staple 9'
