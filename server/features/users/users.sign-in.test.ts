import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { appRouter } from '@/server/router'
import { createCallerFactory } from '@/server/rpc/procedure'
import type { PersonName } from '@/test/actors'
import { idOf } from '@/test/canary'
import { tenantId, userId } from '@/test/factories'
import { plantFactor } from '@/test/plant-factor'
import { refusal } from '@/test/refusal'
import { createWorld, type World } from '@/test/world'

const factory = createCallerFactory(appRouter)
let world: World
beforeAll(async () => void (world = await createWorld()))
beforeEach(() => world.restore())
afterAll(() => world.close())

const api = async (name: PersonName) => factory({ op: await world.opOf(name) }).users
const tom = { id: userId('Tom') }
const bolt = { id: userId('Bo') }

test('an administrator sees how somebody signs in and where; whoever may only read sees none of it', async () => {
  const ada = await api('Ada')
  expect(await ada.signIn(tom)).toMatchObject({
    user: { username: 'tom', home: true },
    emailVerified: true,
    factors: { app: false, passkeys: 0 },
    sessions: [{ ip: '192.0.2.7' }, { ip: '192.0.2.7' }],
    can: { endSessions: true, removeFactors: false },
    why: { removeFactors: 'There is no second factor' },
  })
  await world.admin.query('update user_account set email_verified_at = null where id = $1', [tom.id])
  expect(await ada.signIn(tom)).toMatchObject({ emailVerified: false })
  await plantFactor(world, 'Tom')
  expect(await ada.signIn(tom)).toMatchObject({ factors: { app: true }, can: { removeFactors: true } })
  const reader = await api('Tom')
  expect(await refusal(reader.signIn({ id: userId('Ada') }))).toMatchObject({ code: 'access_denied' })
  const session = { id: userId('Ada'), sessionId: idOf('session Ada 2') }
  expect(await refusal(reader.endSession(session))).toMatchObject({ code: 'access_denied' })
  for (const unknown of [bolt, { id: idOf('nobody') }])
    expect(await refusal(ada.signIn(unknown))).toMatchObject({ code: 'not_found' })
})

test('C16 ends one session at once, and no other; a foreign one is not there', async () => {
  const ada = await api('Ada')
  const end = (id: string, sessionId: string) => ada.endSession({ id, sessionId })
  for (const [id, sessionId] of [
    [tom.id, idOf('session Eve 2')],
    [tom.id, idOf('session Bolt Tom')],
    [bolt.id, idOf('session Bo')],
    [tom.id, idOf('nothing')],
  ] as const)
    expect(await refusal(end(id, sessionId))).toMatchObject({ code: 'not_found' })
  expect(await end(tom.id, idOf('session Tom'))).toMatchObject({ id: tom.id })
  expect((await world.opOf('Tom')).actor).toBe(null)
  expect((await ada.signIn(tom)).sessions.map(({ id }) => id)).toEqual([idOf('session Tom 2')])
  const { rows } = await world.admin.query(
    "select tenant_id, target_name, after from audit_event where event = 'user.end_session' and result = 'ok'",
  )
  expect(rows).toEqual([
    { tenant_id: tenantId('A'), target_name: 'tom', after: { sessionsEnded: 1, device: 'Unknown device' } },
  ])
  await ada.endSessions(tom)
  expect((await ada.signIn(tom)).sessions).toEqual([])
})

test('removes the second factor of who lost theirs: out at once, told by mail, in the log', async () => {
  await plantFactor(world, 'Tom')
  await plantFactor(world, 'Ada')
  const ada = await api('Ada')
  expect(await refusal((await api('Eve')).removeFactors(tom))).toMatchObject({ code: 'access_denied' })
  expect(await refusal(ada.removeFactors({ id: userId('Ada') }))).toMatchObject({ code: 'access_denied' }) // herself
  expect(await refusal(ada.removeFactors(bolt))).toMatchObject({ code: 'not_found' })
  expect(await ada.removeFactors(tom)).toMatchObject({ id: tom.id })
  expect((await world.opOf('Tom')).actor).toBe(null)
  expect((await ada.signIn(tom)).factors).toEqual({ app: false, passkeys: 0 })
  expect(await refusal(ada.removeFactors(tom))).toMatchObject({ code: 'not_found' })
  const { rows } = await world.admin.query<{ kind: string; subject: string }>(
    "select kind, subject from mail_message where kind = 'notice'",
  )
  expect(rows.filter(({ subject }) => subject.includes('second factor'))).toHaveLength(1)
  const log = await world.admin.query<{ before: object }>(
    "select before from audit_event where event = 'user.remove_factors' and result = 'ok'",
  )
  expect(log.rows).toEqual([{ before: { app: true, passkeys: 0 } }])
})
