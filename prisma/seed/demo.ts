import { randomUUID } from 'node:crypto'
import { MASTER_SLUG, MASTER_TENANT_ID } from '@/lib/master'
import {
  DEMO_CLOUDS,
  makeThings,
  offerClouds,
  profileFleet,
  publishThings,
  seedLibrary,
} from '@/prisma/seed/demo-library'
import { DEMO_MACHINES } from '@/prisma/seed/demo-machine'
import { contextOfToken, tokenHash } from '@/server/context/build'
import { callSystem, systemValue } from '@/server/db/system'
import { prepareSetup } from '@/server/features/setup/setup.service'
import { hashPassword } from '@/server/platform/password'
import { randomToken } from '@/server/platform/crypto'
import { appRouter } from '@/server/router'
import { createCallerFactory } from '@/server/rpc/procedure'

/** A person of the demo. `role`: name of a built-in role. */
interface Person {
  tenant: string
  firstName: string
  lastName: string
  username: string
  role: string
  job: string
}

const MARA: Person = {
  tenant: MASTER_SLUG,
  firstName: 'Mara',
  lastName: 'Quist',
  username: 'mara',
  role: 'Super Admin',
  job: 'MSP admin',
}
const PEOPLE: readonly Person[] = [
  {
    tenant: MASTER_SLUG,
    firstName: 'Sam',
    lastName: 'Okafor',
    username: 'sam',
    role: 'Support',
    job: 'MSP support',
  },
  {
    tenant: 'acme',
    firstName: 'Ada',
    lastName: 'Lindqvist',
    username: 'ada',
    role: 'Owner',
    job: "Acme's owner",
  },
  {
    tenant: 'acme',
    firstName: 'Eve',
    lastName: 'Moreau',
    username: 'eve',
    role: 'Editor',
    job: "Acme's engineer",
  },
  {
    tenant: 'acme',
    firstName: 'Tom',
    lastName: 'Baker',
    username: 'tom',
    role: 'Viewer',
    job: "Acme's viewer",
  },
  {
    tenant: 'bolt',
    firstName: 'Bo',
    lastName: 'Nakamura',
    username: 'bo',
    role: 'Admin',
    job: "Bolt's admin",
  },
  {
    tenant: 'cobalt',
    firstName: 'Cy',
    lastName: 'Haddad',
    username: 'cy',
    role: 'Owner',
    job: "Cobalt's owner",
  },
]

const TENANTS = [
  {
    slug: 'acme',
    name: 'Acme Retail',
    icon: '🛒',
    description: 'Shops and warehouses in the north',
    cap: 'Organization',
    currency: 'EUR',
    accountNumber: 'NW-1001',
    accountName: 'Acme Retail AB',
    customerNumber: 'C-204',
  },
  {
    slug: 'bolt',
    name: 'Bolt Manufacturing',
    icon: '⚙️',
    description: 'Two plants and their control systems',
    cap: 'Customer',
    currency: 'USD',
    accountNumber: 'NW-1002',
    accountName: 'Bolt Inc.',
    customerNumber: 'C-311',
  },
  {
    slug: 'cobalt',
    name: 'Cobalt Studios',
    icon: '🎬',
    description: 'Post-production',
    cap: 'Customer',
    currency: 'GBP',
    accountNumber: 'NW-1003',
    accountName: 'Cobalt Studios Ltd',
    customerNumber: 'C-377',
  },
] as const

const factory = createCallerFactory(appRouter)
type Api = ReturnType<typeof factory>

const facts = { host: 'localhost', path: '/', cookie: null, ip: '127.0.0.1', userAgent: 'npm run demo' }

/** Everyone of the demo, as the terminal prints them. */
export const DEMO_PEOPLE: readonly Person[] = [MARA, ...PEOPLE]

/**
 * Sets up Northwind, an MSP, with three customers, by the same procedures that people click. Does nothing when set-up was
 * done before. @returns whether it seeded
 */
export async function seedDemo(password: string): Promise<boolean> {
  const code = await prepareSetup()
  if (code === null) return false
  const nobody = factory({ op: await contextOfToken(facts, { kind: 'master', path: '/' }, null) })
  await nobody.setup.finish({
    ...person(MARA),
    code,
    organisation: 'Northwind Managed Services',
    password,
    confirm: password,
  })
  const mara = await callerOf(MASTER_SLUG, 'mara')
  await mara.settings.multiTenancy.set({ enabled: true, confirm: true })
  // Anew: what a caller may do was worked out when it was made.
  const on = await callerOf(MASTER_SLUG, 'mara')
  const caps = await on.tenantRoles.options()
  const made: Record<string, string> = {}
  await makeThings(on, DEMO_CLOUDS, made)
  await publishThings(on, DEMO_CLOUDS, made)
  await offerClouds(on, caps, made)
  const ids: Record<string, string> = { [MASTER_SLUG]: MASTER_TENANT_ID }
  for (const { cap, ...tenant } of TENANTS) {
    const role = caps.find(({ name }) => name === cap)
    if (!role) throw new Error(`There is no base role ${cap}`)
    ids[tenant.slug] = (await on.tenants.create({ ...tenant, tenantRoleId: role.id })).id
  }
  for (const each of PEOPLE) await createPerson(on, each, ids[each.tenant] ?? '', password)
  await seedLibrary(callerOf, made, ids)
  return true
}

const person = ({ firstName, lastName, username, tenant }: Person) => ({
  firstName,
  lastName,
  username,
  email: `${username}@${tenant === MASTER_SLUG ? 'northwind' : tenant}.example`,
})

async function createPerson(api: Api, who: Person, tenantId: string, password: string): Promise<void> {
  const isMaster = who.tenant === MASTER_SLUG
  const roles = isMaster ? await api.roles.assignable() : await api.rolesIn.assignable({ tenantId })
  const role = roles.find(({ name }) => name === who.role)
  if (!role) throw new Error(`There is no role ${who.role}`)
  const input = { ...person(who), roleIds: [role.id], password, passwordConfirm: password }
  await (isMaster ? api.users.create(input) : api.tenantUsers.create({ ...input, tenantId }))
  await keepPassword(who.tenant, who.username, password)
}

/** What an administrator typed must be changed at the first sign-in; the people of the demo have done so. */
async function keepPassword(slug: string, username: string, password: string): Promise<void> {
  const token = tokenHash(await openSession(slug, username))
  const hash = await hashPassword(password)
  await systemValue('password_change', [token, hash, tokenHash(randomToken('')), facts.ip, randomUUID()])
}

/** The procedures as this person calls them, through a session like any other. */
export async function callerOf(slug: string, username: string): Promise<Api> {
  const token = await openSession(slug, username)
  const host =
    slug === MASTER_SLUG
      ? ({ kind: 'master', path: '/' } as const)
      : ({ kind: 'tenant', slug, path: '/', prefix: '' } as const)
  return factory({ op: await contextOfToken(facts, host, token) })
}

async function openSession(slug: string, username: string): Promise<string> {
  const [found] = await callSystem<{ tenant_id: string; user_id: string }, 'sign_in_lookup'>(
    'sign_in_lookup',
    [slug, slug, username],
  )
  if (!found) throw new Error(`There is no ${username} in ${slug}`)
  const token = randomToken('')
  await systemValue('session_create', [
    found.tenant_id,
    found.user_id,
    tokenHash(token),
    facts.ip,
    facts.userAgent,
    randomUUID(),
  ])
  return token
}

/** Enrolment tokens of the fleet by the slug of their tenant. */
export type DemoTokens = Record<string, string>

export async function demoTokens(): Promise<DemoTokens> {
  const tokens: DemoTokens = {}
  for (const [slug, username] of [
    [MASTER_SLUG, 'mara'],
    ['acme', 'ada'],
    ['bolt', 'bo'],
    ['cobalt', 'cy'],
  ] as const) {
    const api = await callerOf(slug, username)
    const { token } = await api.enrolmentTokens.create({
      name: 'First machines',
      maxUses: 50,
      expiresInHours: 24,
    })
    tokens[slug] = token
  }
  return tokens
}

/** Assigns and publishes what of the fleet is meant for tenants, once it is enrolled. @param hosts ids by machine name */
export async function placeFleet(hosts: Record<string, string>): Promise<void> {
  const mara = await callerOf(MASTER_SLUG, 'mara')
  const { rows } = await mara.tenants.list({ limit: 100 })
  for (const { slug, id: tenantId } of rows) {
    const ids = DEMO_MACHINES.filter(({ assignTo }) => assignTo === slug).flatMap(
      ({ name }) => hosts[name] ?? [],
    )
    if (ids.length > 0) await mara.hosts.assign({ ids, tenantId })
  }
  for (const { name, isPublic } of DEMO_MACHINES) {
    const id = hosts[name]
    if (isPublic && id) await mara.hosts.setVisibility({ id, visibility: 'public' })
  }
  await profileFleet(callerOf, hosts)
  const cobalt = rows.find(({ slug }) => slug === 'cobalt')
  if (cobalt) await mara.tenants.disable({ id: cobalt.id, reason: 'Contract on hold until the spring' })
}
