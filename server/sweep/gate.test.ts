import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { routes } from '@/server/http/routes'
import { ask, call } from '@/server/sweep/call'
import { procedures } from '@/server/sweep/declared'
import { VALID } from '@/server/sweep/inputs'
import type { ActorName } from '@/test/actors'
import { idOf } from '@/test/canary'
import { createWorld, type World } from '@/test/world'

vi.hoisted(() => (process.env.LOG_LEVEL = 'silent'))

// Rule 14, word for word: what a gate that is shut says, by every procedure and route that stands behind it, and what goes on.

const OFF = { error: 'feature_disabled', message: 'Multi-tenant is not enabled on this server', status: 501 }
const UNLICENSED = {
  error: 'license_required',
  message: 'Multi-tenant requires an Enterprise license',
  status: 402,
  feature: 'multi_tenant',
  tier: 'enterprise',
}
const STATES = {
  off: 'update installation set multi_tenant_enabled = false',
  unlicensed: `update licence set capabilities = '{sso}'`,
  expired: `update licence set starts_at = now() - interval '9 days', expires_at = now() - interval '1 second'`,
}

let world: World
beforeAll(async () => void (world = await createWorld()))
afterEach(() => world.restore())
afterAll(() => world.close())

const set = async (...states: (keyof typeof STATES)[]) => {
  for (const state of states) await world.admin.query(STATES[state])
}
const behind = (need: 'use' | 'grow') =>
  procedures().filter(({ declaration }) => declaration?.licence === need)
/** What the body says, without what differs from call to call. */
function said(text: string): object {
  const parsed = JSON.parse(text) as { error?: { data?: { body?: object } } | string }
  const body = typeof parsed.error === 'object' ? (parsed.error.data?.body ?? {}) : parsed
  const { requestId: _, ...rest } = body as { requestId?: string }
  return rest
}
/** The answer to Mara, whose roles allow all of it; the input does not matter, as the gate comes before it. */
const answers = async (actor: ActorName, list: ReturnType<typeof procedures>) =>
  Promise.all(
    list.map(async (procedure) => ({
      name: procedure.name,
      said: said((await call(world, actor, procedure, {})).text),
    })),
  )
const all = (list: ReturnType<typeof procedures>, body: object) =>
  list.map(({ name }) => ({ name, said: body }))

test('there are procedures of both kinds', () => {
  expect(behind('use').length).toBeGreaterThan(40)
  expect(behind('grow').length).toBeGreaterThan(3)
})

test('501: switched off, to whoever manages tenants, whatever the licence', async () => {
  const list = [...behind('use'), ...behind('grow')]
  await set('off')
  expect(await answers('Mara', list)).toEqual(all(list, OFF))
  await set('unlicensed')
  expect(await answers('Mara', list)).toEqual(all(list, OFF))
})

test('402: never licensed', async () => {
  const list = [...behind('use'), ...behind('grow')]
  await set('unlicensed')
  expect(await answers('Mara', list)).toEqual(all(list, UNLICENSED))
  await world.admin.query('delete from licence')
  expect(await answers('Mara', list)).toEqual(all(list, UNLICENSED))
})

test('402 for growth once it has ended; the rest goes on', async () => {
  await set('expired')
  expect(await answers('Mara', behind('grow'))).toEqual(all(behind('grow'), UNLICENSED))
  for (const { name, said } of await answers('Mara', behind('use')))
    expect(said, name).not.toMatchObject({ error: 'license_required' })
})

test.each(['off', 'unlicensed'] as const)(
  '%s: all of a subtenant is shut, by every procedure, with the same words',
  async (state) => {
    const list = procedures().filter(({ declaration }) =>
      ['tenant', 'self'].includes(declaration?.scope ?? ''),
    )
    await set(state)
    const shut = (await answers('Ada', list)).filter(
      ({ said }) => JSON.stringify(said) !== JSON.stringify(state === 'off' ? OFF : UNLICENSED),
    )
    expect(shut).toEqual([])
  },
)

test('a tenant that is named and unknown is 400, before the gate is looked at', async () => {
  await set('off')
  const { text } = await ask(world, 'Mara', '/api/trpc/tenants.list?input=%7B%7D', {
    headers: { 'x-org-id': 'nobody' },
  })
  expect(said(text)).toMatchObject({ error: 'invalid_org', status: 400 })
})

test('the master always works', async () => {
  await set('off', 'unlicensed')
  const own = procedures().filter(
    ({ name, type, declaration }) =>
      type === 'query' && declaration && !declaration.licence && VALID[name]?.by === 'Mara',
  )
  expect(own.length).toBeGreaterThan(5)
  for (const procedure of own) {
    const input = await VALID[procedure.name]?.input({ world, actor: 'Mara', tenant: 'M' })
    const { text } = await call(world, 'Mara', procedure, input)
    expect(text, procedure.name).not.toMatch(/feature_disabled|license_required/)
  }
})

test('routes behind the gate say the same', async () => {
  const gated = routes.filter(({ declaration, bare }) => declaration.licence && !bare)
  expect(gated.length).toBeGreaterThan(0)
  for (const [state, body] of [
    ['off', OFF],
    ['unlicensed', UNLICENSED],
  ] as const) {
    await world.restore()
    await set(state)
    for (const route of gated) {
      const path = route.path.replace(/:\w+/g, idOf('nothing'))
      const options =
        route.method === 'GET'
          ? {}
          : { method: route.method, body: '{}', headers: { 'content-type': 'application/json' } }
      expect({ route: route.name, said: said((await ask(world, 'Mara', path, options)).text) }).toEqual({
        route: route.name,
        said: body,
      })
    }
  }
})
