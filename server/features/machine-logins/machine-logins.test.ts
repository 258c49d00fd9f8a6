import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { database } from '@/server/db/runtime'
import { unseal } from '@/server/platform/seal'
import { appRouter } from '@/server/router'
import { createCallerFactory } from '@/server/rpc/procedure'
import type { PersonName } from '@/test/actors'
import { idOf } from '@/test/canary'
import { tenantId, userId } from '@/test/factories'
import { refusal } from '@/test/refusal'
import { createWorld, type World } from '@/test/world'

const factory = createCallerFactory(appRouter)
let world: World
beforeAll(async () => void (world = await createWorld()))
beforeEach(() => world.restore())
afterAll(() => world.close())

const SECRET = 'machine secret 4711'
const KEY = `-----BEGIN OPENSSH PRIVATE KEY-----\n${'b3BlbnNzaC1rZXk'.repeat(4)}\n-----END OPENSSH PRIVATE KEY-----\n`
const api = async (name: PersonName) => factory({ op: await world.opOf(name) }).machineLogins
const windows = { system: 'windows', username: 'ACME\\tom', password: SECRET } as const
const linux = { system: 'linux', username: 'tom', key: KEY } as const
const ofTom = { id: userId('Tom') }
const stored = async () =>
  (
    await world.admin.query<{ system: string; sealed_secret: Buffer }>(
      'select * from user_machine_login order by system',
    )
  ).rows

test('K20 a person sets, replaces and clears their own; no answer, row or log holds what it is', async () => {
  const tom = await api('Tom')
  expect(await tom.mine()).toEqual({ rows: [], can: { set: true }, why: {} })
  const answers = [await tom.setMine(windows), await tom.setMine(linux), await tom.mine()]
  expect(answers[2]).toMatchObject({
    rows: [
      { system: 'windows', username: 'ACME\\tom', kind: 'password', setAt: expect.any(String) as string },
      { system: 'linux', username: 'tom', kind: 'key' },
    ],
  })
  const log = await world.admin.query("select * from audit_event where event like '%machine_login%'")
  const rows = await stored()
  const all = JSON.stringify([answers, log.rows, rows.map((row) => row.sealed_secret.toString('latin1'))])
  expect([all.includes(SECRET), all.includes('b3BlbnNz')]).toEqual([false, false])
  // It opens where it was put, and nowhere else.
  const place = (user: PersonName, system: string) => ({
    purpose: 'machine login',
    tenantId: tenantId('A'),
    rowId: `${userId(user)} ${system}`,
  })
  const sealed = rows.find(({ system }) => system === 'windows')?.sealed_secret ?? Buffer.alloc(0)
  const key = database().key
  expect(unseal(key, place('Tom', 'windows'), sealed)).toBe(SECRET)
  for (const wrong of [
    place('Ada', 'windows'),
    place('Tom', 'linux'),
    { ...place('Tom', 'windows'), tenantId: tenantId('B') },
  ])
    expect(() => unseal(key, wrong, sealed)).toThrow()
  await tom.setMine({ ...linux, key: undefined, password: 'another' })
  expect((await tom.mine()).rows).toMatchObject([
    { system: 'windows' },
    { system: 'linux', kind: 'password' },
  ])
  expect(await tom.clearMine({ system: 'linux' })).toEqual({ system: 'linux' })
  expect(await refusal(tom.clearMine({ system: 'linux' }))).toMatchObject({ code: 'not_found' })
})

test('an administrator sets them for somebody of their tenant, and reads none back', async () => {
  const [ada, tom] = [await api('Ada'), await api('Tom')]
  expect(await ada.setOfUser({ ...ofTom, ...windows })).toEqual({ system: 'windows' })
  expect(await ada.ofUser(ofTom)).toMatchObject({ rows: [{ username: 'ACME\\tom' }], can: { set: true } })
  expect(await tom.ofUser({ id: userId('Ada') })).toMatchObject({
    rows: [],
    can: { set: false },
    why: { set: expect.any(String) as string },
  })
  expect(await refusal(tom.setOfUser({ id: userId('Ada'), ...windows }))).toMatchObject({
    code: 'access_denied',
  })
  for (const id of [userId('Bo'), idOf('nobody')]) {
    expect(await refusal(ada.ofUser({ id }))).toMatchObject({ code: 'not_found' })
    expect(await refusal(ada.setOfUser({ id, ...windows }))).toMatchObject({ code: 'not_found' })
    expect(await refusal(ada.clearOfUser({ id, system: 'windows' }))).toMatchObject({ code: 'not_found' })
  }
  expect(await ada.clearOfUser({ ...ofTom, system: 'windows' })).toEqual({ system: 'windows' })
  expect(await stored()).toEqual([])
  // The person of the master at work in Acme has theirs at home.
  const mara = await api('Mara')
  expect(await mara.setMine(windows)).toEqual({ system: 'windows' })
})

test('one secret of the right kind', async () => {
  const tom = await api('Tom')
  const { username } = windows
  for (const wrong of [
    { system: 'windows', username, key: KEY },
    { system: 'linux', username, key: KEY, password: 'x' },
    { system: 'linux', username },
    { system: 'linux', username, key: 'ssh-ed25519 AAAA' },
    { system: 'linux', username: 'a\nb', password: 'x' },
    { system: 'solaris', username, password: 'x' },
  ] as const)
    expect(await refusal(tom.setMine(wrong as never))).toMatchObject({ code: 'ZodError' })
  expect(await stored()).toEqual([])
})
