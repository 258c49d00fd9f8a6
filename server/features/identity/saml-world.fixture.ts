import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import { Browser } from '@/server/features/sign-in/browser.fixture'
import { openWorld, type SignInWorld } from '@/server/features/sign-in/world.fixture'
import { dispatch } from '@/server/http/dispatch'
import { type Answer, makeForger, plantSaml, postAcross, requestOf, type SamlFields } from './saml.fixture'

// Acme and Bolt with a SAML provider of our own making, and the way through it.

export const MAIN = 'http://localhost:3000'
export const ACME = 'http://acme.localhost:3000'
export const BOLT = 'http://bolt.localhost:3000'
export const [ofAcme, ofBolt] = [randomUUID(), randomUUID()]
export const at = (base: string, id: string, end: string) => `${base}/api/sso/saml/${id}/${end}`
export const LEA = { uid: ['Lea'], mail: ['lea@acme.example'], displayName: ['Lea Lind'], groups: ['all'] }
export const forger = makeForger()

export let world: SignInWorld

/** Opens the world for the tests of a file, and empties it of sources and their people before each. */
export function useSamlWorld(): void {
  beforeAll(async () => {
    world = await openWorld()
  })
  beforeEach(async () => {
    await world.forgive()
    for (const table of ['identity_source', 'session', 'tenant_policy'])
      await world.sql(`delete from ${table}`)
    await world.sql('delete from user_account where id <> all ($1)', [Object.values(world.ids)])
  })
  afterAll(() => world.close())
}

export const FIELDS = { issuer: forger.issuer, ssoUrl: forger.ssoUrl, certificates: forger.certificate }
export const acme = (fields: Partial<SamlFields> = {}) =>
  plantSaml(world, world.acme, ofAcme, { ...FIELDS, roles: [['all', 'viewer']], ...fields })

export const startOf = async (b: Browser, base = ACME, id = ofAcme, next = '') => {
  const answer = await b.get(`${at(base, id, 'start')}${next && `?next=${encodeURIComponent(next)}`}`)
  expect(answer.status).toBe(303)
  return answer.headers.get('location') ?? ''
}
export const placeOf = (base: string, id: string) => ({
  entityId: at(base, id, 'metadata'),
  acs: at(base, id, 'acs'),
})
export const toOf = (started: string, base = ACME, id = ofAcme) => ({
  ...placeOf(base, id),
  request: requestOf(started).id,
})
export const post = async (answer: string, more: Record<string, string> = {}, base = ACME, id = ofAcme) =>
  (await postAcross(dispatch, at(base, id, 'acs'), { SAMLResponse: answer, ...more })).headers.get(
    'location',
  ) ?? ''
/** The whole way, as a browser goes it. @returns where it ends */
export const signIn = async (b: Browser, answer: Answer = {}, next = '') => {
  const to = toOf(await startOf(b, ACME, ofAcme, next))
  const on = await post(forger.answer(to, { attributes: LEA, ...answer }))
  return on === at(ACME, ofAcme, 'continue') ? ((await b.get(on)).headers.get('location') ?? '') : on
}
export const me = (b: Browser, base = ACME) => b.call<{ username: string }>(base, 'account.me')
export const isIn = async (b: Browser, base = ACME) => (await me(b, base)).status === 200
export const refusedAs = (problem: string, base = ACME) => `${base}/login?problem=${problem}`
export const NO = refusedAs('sso')
export const lastDenied = async () =>
  (
    await world.sql<{ reason: string }>(
      `select reason from audit_event where event = 'session.sign_in' and result = 'denied' order by at desc limit 1`,
    )
  )[0]?.reason
/** Signs in with that answer. @returns whether they are in, and what the log says */
export const tries = async (answer: Answer) => {
  const b = new Browser(dispatch)
  const end = await signIn(b, answer)
  return (await isIn(b)) ? 'in' : [end, await lastDenied()]
}
