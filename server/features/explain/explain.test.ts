import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { appRouter } from '@/server/router'
import { createCallerFactory } from '@/server/rpc/procedure'
import { errorBody } from '@/server/rpc/errors'
import { call } from '@/server/sweep/call'
import { ACTORS, type PersonName, tenantOf } from '@/test/actors'
import { foreignCanaries, idOf } from '@/test/canary'
import { resourceId, tenantId, userId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

const caller = createCallerFactory(appRouter)
const NEVER = idOf('never was')

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())
beforeEach(() => world.restore())

const as = async (name: PersonName) => caller({ op: await world.opOf(name) })
const status = (asked: Promise<unknown>) =>
  asked.then(
    () => 200,
    (error: unknown) => errorBody(error).status,
  )
const looks = async () =>
  (
    await world.admin.query<{ tenant_id: string }>(
      `select tenant_id from audit_event where event = 'tenant.drill_in' and reason <> '' order by tenant_id`,
    )
  ).rows.map((row) => row.tenant_id)

describe('explain.own', () => {
  it('says the same of a foreign id and of one that never was, and the chain of what is there', async () => {
    for (const who of ['Tom', 'Ada'] as const) {
      const api = await as(who)
      const foreign = await api.explain.own({ id: resourceId('B web') })
      expect(foreign).toEqual(await api.explain.own({ id: NEVER }))
      expect(await api.explain.own({ id: resourceId('master private') })).toEqual(foreign)
      expect(foreign).toMatchObject({
        found: false,
        chain: [],
        ask: expect.stringContaining('Ask your provider'),
      })
      expect(await api.explain.own({ id: resourceId('A web') })).toMatchObject({ found: true, allowed: true })
    }
  })

  it('tells a plain user what to ask for and of whom, by name', async () => {
    const tom = await as('Tom')
    const answer = await tom.explain.own({ id: resourceId('A web'), verb: 'edit' })
    expect(answer).toMatchObject({ found: true, allowed: false })
    expect(answer.ask).toMatch(/^Ask .*: Give .* a role with Hosts at full\.$/)
    expect(answer.remedies.every(({ href }) => href === null)).toBe(true)
    const used = await tom.explain.own({ id: resourceId('assigned A'), verb: 'edit' })
    expect(used.ask).toContain('your provider')
    expect(await tom.explain.own({ permission: 'users', level: 'full' })).toMatchObject({ allowed: false })
    expect(await tom.explain.own({ permission: 'tenants', level: 'read' })).toMatchObject({
      allowed: false,
      remedies: [],
    })
  })

  it('does not tell somebody whose roles do not reach a thing that it is there, but who keeps the roles', async () => {
    await world.admin.query(`update role_assignment set scope = $1 where user_id = any ($2)`, [
      `resource:${resourceId('A db')}`,
      [userId('Tom'), userId('Eve')],
    ])
    const tom = await as('Tom')
    expect(await status(tom.resources.get({ kind: 'host', id: resourceId('A web') }))).toBe(404)
    expect(await tom.explain.own({ id: resourceId('A web') })).toEqual(await tom.explain.own({ id: NEVER }))
    expect(await tom.explain.own({ id: resourceId('A db') })).toMatchObject({ found: true, allowed: true })
    const answer = await (await as('Ada')).explain.person({ userId: userId('Tom'), id: resourceId('A web') })
    expect(answer).toMatchObject({ found: true, allowed: false })
    expect(answer.remedies.map(({ code }) => code)).toEqual(['widen-scope'])
  })
})

describe('explain.person and explain.asProvider', () => {
  it('is for who may see users and roles, about people and things of the tenant', async () => {
    const ada = await as('Ada')
    expect(
      await ada.explain.person({ userId: userId('Tom'), id: resourceId('A web'), verb: 'edit' }),
    ).toMatchObject({
      allowed: false,
      remedies: [{ link: 'role', href: '/settings/users' }],
    })
    expect(await ada.explain.person({ userId: userId('Tom'), id: resourceId('B web') })).toMatchObject({
      found: false,
    })
    for (const other of ['Bo', 'Mara'] as const)
      expect(await status(ada.explain.person({ userId: userId(other), id: resourceId('A web') }))).toBe(404)
    expect(
      await status((await as('Nora')).explain.person({ userId: userId('Tom'), id: resourceId('A web') })),
    ).toBe(403)
  })

  it('shows the provider the whole chain, in both logs once a minute, and nothing of a third tenant', async () => {
    const mara = await as('Mara')
    const about = { tenantId: tenantId('A'), userId: userId('Tom') }
    const answer = await mara.explain.asProvider({ ...about, id: resourceId('assigned B') })
    expect(answer).toMatchObject({
      allowed: false,
      remedies: [{ link: 'assignment', code: 'assign', assign: true }],
    })
    expect(answer.chain.map(({ link }) => link)).toEqual([
      ...['licence', 'tenant', 'person', 'assignment', 'visibility', 'cloud', 'share', 'cap', 'role'],
    ])
    await mara.explain.asProvider({ ...about, id: resourceId('A web') })
    expect(await looks()).toEqual([MASTER_TENANT_ID, tenantId('A')].sort())
    const ofBolt = await mara.explain.asProvider({ ...about, id: resourceId('B web') })
    expect(ofBolt).toEqual(await mara.explain.asProvider({ ...about, id: NEVER }))
    expect(ofBolt.found).toBe(false)
    expect(await status(mara.explain.asProvider({ ...about, userId: userId('Bo'), id: NEVER }))).toBe(404)
    expect(await status(mara.explain.asProvider({ ...about, tenantId: MASTER_TENANT_ID, id: NEVER }))).toBe(
      404,
    )
    expect(await status((await as('Ada')).explain.asProvider({ ...about, id: resourceId('A web') }))).toBe(
      403,
    )
  })

  it('answers nobody with a word of what others have', async () => {
    const ids = [
      'A web',
      'B web',
      'B secret',
      'assigned A',
      'assigned B',
      'granted A',
      'public in cloud',
      'master private',
    ]
    const query = (name: string) => ({ name: `explain.${name}`, type: 'query' as const })
    for (const actor of ACTORS)
      for (const id of ids)
        for (const verb of ['see', 'edit'] as const) {
          const own = await call(world, actor, query('own'), { id: resourceId(id), verb })
          const person = await call(world, actor, query('person'), {
            id: resourceId(id),
            verb,
            userId: userId('Tom'),
          })
          for (const { text } of [own, person])
            expect([actor, id, foreignCanaries(text, tenantOf(actor), tenantOf(actor) === 'M')]).toEqual([
              actor,
              id,
              [],
            ])
        }
  }, 60_000)
})

describe('explain.empty', () => {
  it('says from the roles alone why a list is empty', async () => {
    const words = async (name: PersonName) =>
      (await (await as(name)).explain.empty({ kind: 'network' })).words
    expect(await words('Tom')).toContain('No networks are Acme’s own')
    expect(await words('Mara')).toBe('The master tenant owns no networks.')
    await world.admin.query('update role_assignment set scope = $1 where user_id = $2', [
      `resource:${resourceId('A db')}`,
      userId('Tom'),
    ])
    expect(await words('Tom')).toBe('Your roles reach only some networks, and there are none among those.')
    expect(await status((await as('Nora')).explain.empty({ kind: 'network' }))).toBe(403)
  })
})
