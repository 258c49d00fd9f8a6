import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { buildContext } from '@/server/context/build'
import type { SignedInOp } from '@/server/context/op'
import { accountRouter } from '@/server/features/account/account.router'
import { Browser } from '@/server/features/sign-in/browser.fixture'
import { openWorld, PASSWORD, type SignInWorld } from '@/server/features/sign-in/world.fixture'
import { usersRouter } from '@/server/features/users/users.router'
import { dispatch } from '@/server/http/dispatch'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import { identityRouter } from './identity.router'
import { CLIENT } from './oidc.fixture'

// Acme and Bolt, and their people at Settings > Identity.

export const ACME = 'http://acme.localhost:3000'
export const BOLT = 'http://bolt.localhost:3000'
export const factory = createCallerFactory(
  router({ identity: identityRouter, users: usersRouter, account: accountRouter }),
)

export let world: SignInWorld

/** Opens the world for the tests of a file, and empties it of sources and their people before each. */
export function useIdentityWorld(): void {
  beforeAll(async () => {
    world = await openWorld()
  })
  beforeEach(async () => {
    await world.forgive()
    for (const table of ['identity_source', 'session']) await world.sql(`delete from ${table}`)
    await world.sql('delete from user_account where id <> all ($1)', [Object.values(world.ids)])
  })
  afterAll(() => world.close())
}

export const opOf = async (b: Browser, base: string) => {
  const { host, hostname } = new URL(base)
  const cookie = [...b.cookiesOf(hostname)].map(([name, value]) => `${name}=${value}`).join('; ')
  const facts = { host, path: '/', cookie, ip: '192.0.2.1', userAgent: '', requestId: 'test' }
  return (await buildContext(facts)) as SignedInOp
}
export const api = async (login: string, base = ACME) => {
  const b = new Browser(dispatch)
  expect((await b.signIn(base, login, PASSWORD)).status).toBe(200)
  return factory({ op: await opOf(b, base) })
}
export const roleOf = async (builtIn: string) =>
  (await world.sql<{ id: string }>('select id from user_role where built_in = $1', [builtIn]))[0]?.id ?? ''
export const FIELDS = {
  name: 'Company login',
  usernameClaim: 'preferred_username',
  emailClaim: 'email',
  nameClaim: 'name',
  groupsClaim: 'groups',
  createUsers: true,
}
const PROVIDER = { kind: 'oidc', client: CLIENT.id, scopes: 'openid profile email' } as const
export const fields = async ({
  issuer = 'https://login.example.com',
  ...more
}: { issuer?: string; [field: string]: unknown } = {}) => ({
  ...FIELDS,
  provider: { ...PROVIDER, issuer },
  defaultRoleId: await roleOf('viewer'),
  roles: [] as { claim: string; roleId: string }[],
  ...more,
})
export type Api = Awaited<ReturnType<typeof api>>
export const add = async (of: Api, more: Parameters<typeof fields>[0] = {}) =>
  of.identity.create({
    draft: (await of.identity.list()).draft.token,
    ...(await fields(more)),
    secret: CLIENT.secret,
  })
export const sources = async (of: Api) => (await of.identity.list()).sources
