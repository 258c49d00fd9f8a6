import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  BOLT,
  MAIN,
  type Directory,
  directory,
  oktaUser,
  patch,
  plantConnection,
  created,
  type Connection,
  openDirectory,
} from './scim.fixture'

vi.hoisted(() => (process.env.LOG_LEVEL = 'silent'))

let world: Awaited<ReturnType<typeof openDirectory>>
let connection: Connection
let api: Directory
beforeAll(async () => {
  world = await openDirectory()
})
afterAll(() => world.close())
beforeEach(async () => {
  ;({ connection, api } = await world.reset())
})

describe('the token', () => {
  it('is the only way in: none, another, an old or disabled one, or on another host is the same 401', async () => {
    expect((await api('GET', '/Users')).status).toBe(200)
    const refused = async (call: Directory) => {
      const { status, body, headers } = await call('GET', '/Users')
      return [status, JSON.stringify(body), headers.get('www-authenticate')]
    }
    const none = await refused(directory(''))
    expect(none[0]).toBe(401)
    expect(none[2]).toBe('Bearer')
    expect(await refused(directory(`fhs_${'x'.repeat(43)}`))).toEqual(none)
    expect(await refused(directory(connection.token, BOLT))).toEqual(none)
    expect(await refused(directory(connection.token, MAIN))).toEqual(none)
    expect(await refused(directory(connection.token, 'nosuch.localhost:3000'))).toEqual(none)
    await world.sql(`update scim_connection set token_expires_at = now() - interval '1 second'`)
    expect(await refused(api)).toEqual(none)
    await world.sql('update scim_connection set token_expires_at = null, enabled = false')
    expect(await refused(api)).toEqual(none)
    await world.sql('update scim_connection set enabled = true')
    expect((await api('GET', '/Users')).status).toBe(200)
  })

  it('G03 of a suspended tenant is refused, and says so', async () => {
    await world.sql(`update tenant set status = 'disabled' where id = $1`, [world.acme])
    const answer = await api('POST', '/Users', oktaUser('lea'))
    expect([answer.status, answer.body.status]).toEqual([403, '403'])
    await world.sql(`update tenant set status = 'active' where id = $1`, [world.acme])
    expect((await api('POST', '/Users', oktaUser('lea'))).status).toBe(201)
  })

  it('rule 14: after the licence is over nobody new is let in, taking away goes on', async () => {
    const { id } = await created(api, oktaUser('lea'))
    const set = (interval: string) =>
      world.sql(
        `update licence set starts_at = now() - interval '60 days', expires_at = now() + $1::interval`,
        [interval],
      )
    const active = (value: boolean) =>
      api('PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'active', value }))
    await set('-1 day')
    try {
      expect((await api('POST', '/Users', oktaUser('max'))).status).toBe(402)
      expect((await active(false)).status).toBe(200)
      expect((await active(true)).status).toBe(402)
      expect((await api('GET', '/Users')).status).toBe(200)
    } finally {
      await set('30 days')
    }
    expect((await active(true)).status).toBe(200)
    await world.sql('update installation set multi_tenant_enabled = false')
    try {
      expect((await api('GET', '/Users')).status).toBe(501)
    } finally {
      await world.sql('update installation set multi_tenant_enabled = true')
    }
  })

  it('is limited, and told when to come again', async () => {
    await api('GET', '/Users')
    await world.sql(`update rate_limit set hits = 100000 where bucket like 'scim:%'`)
    const answer = await api('GET', '/Users')
    expect(answer.status).toBe(429)
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    const guesses = []
    for (let i = 0; i < 40; i++)
      guesses.push((await directory(`fhs_${'y'.repeat(43)}`)('GET', '/Users')).status)
    expect([guesses[0], guesses.at(-1)]).toEqual([401, 429])
  })

  it('I05 has two calls at a time, so that the rest of the console goes on', async () => {
    await world.sql('begin')
    await world.sql('lock table scim_user in access exclusive mode')
    const slow = [api('GET', '/Users'), api('GET', '/Users')]
    try {
      const third = await vi.waitFor(async () => {
        const answer = await api('PUT', '/Users/x', { nothing: true })
        expect(answer.status).toBe(429)
        return answer
      })
      expect([third.headers.get('retry-after'), third.body.status]).toEqual(['1', '429'])
    } finally {
      await world.sql('commit')
    }
    expect((await Promise.all(slow)).map(({ status }) => status)).toEqual([200, 200])
    expect((await api('GET', '/Users')).status).toBe(200)
  })

  it('works on the master’s host for the master', async () => {
    const { MASTER_TENANT_ID } = await import('@/lib/master')
    const master = directory((await plantConnection(world, MASTER_TENANT_ID)).token, MAIN)
    const made = await master('POST', '/Users', oktaUser('lea'))
    expect(made.status).toBe(201)
    expect(
      await world.sql('select home_tenant_id, parent_level from user_account where id = $1', [made.body.id]),
    ).toEqual([{ home_tenant_id: MASTER_TENANT_ID, parent_level: false }])
  })
})
