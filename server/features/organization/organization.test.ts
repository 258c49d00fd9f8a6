import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import { PASSWORD, type PersonName } from '@/test/actors'
import { idOf } from '@/test/canary'
import { tenantId, userId } from '@/test/factories'
import { refusal } from '@/test/refusal'
import { createWorld, type World } from '@/test/world'
import { organizationRouter } from './organization.router'

const factory = createCallerFactory(router({ organization: organizationRouter }))
let world: World
beforeAll(async () => void (world = await createWorld()))
beforeEach(() => world.restore())
afterAll(() => world.close())

const api = async (name: PersonName) => factory({ op: await world.opOf(name) }).organization
const rolesOf = async (name: PersonName) =>
  (
    await world.admin.query<{ b: string }>(
      'select r.built_in as b from role_assignment ra join user_role r on r.id = ra.role_id where ra.user_id = $1 order by 1',
      [userId(name)],
    )
  ).rows.map(({ b }) => b)
const words = { name: 'Acme', description: 'Rockets', icon: '🚀' }

test('says what it is and who owns it; an admin edits it, a viewer looks', async () => {
  expect(await (await api('Tom')).get()).toMatchObject({
    name: 'Acme',
    address: 'http://acme.localhost:3000',
    can: { edit: false, transfer: false, delete: false },
  })
  expect(await (await api('Ann')).update(words)).toMatchObject(words)
  expect(await refusal((await api('Tom')).update(words))).toMatchObject({ code: 'access_denied' })
  const { rows } = await world.admin.query(
    "select tenant_id, after from audit_event where event = 'organization.update' and result = 'ok'",
  )
  expect(rows).toEqual([{ tenant_id: tenantId('A'), after: words }])
})

test('names its owners', async () => {
  const { owners } = await (await api('Ada')).get()
  expect(owners.map(({ id, you }) => [id, you]).sort()).toEqual(
    [
      [userId('Ada'), true],
      [userId('Exa'), false],
    ].sort(),
  )
})

test('a name that another has is refused in words that tell nothing, ten times an hour', async () => {
  const ann = await api('Ann')
  for (const name of ['bolt', 'CLOSED', 'Freehold MSP'])
    expect(await refusal(ann.update({ ...words, name }))).toMatchObject({
      code: 'conflict',
      name: 'This name cannot be used',
    })
  expect(await ann.update({ ...words, name: 'Ended' })).toMatchObject({ name: 'Ended' }) // deleted ones rest no name
  for (let i = 0; i < 6; i++) await refusal(ann.update({ ...words, name: 'bolt' }))
  expect(await refusal(ann.update({ ...words, name: 'bolt' }))).toMatchObject({ code: 'rate_limited' })
})

test('the master keeps its name', async () => {
  const mara = await api('Mara')
  expect(await mara.update({ ...words, name: 'Other' })).toMatchObject({
    name: 'Freehold MSP',
    description: 'Rockets',
  })
  expect(await refusal(mara.transfer({ userId: userId('Sam'), password: PASSWORD }))).toMatchObject({
    code: 'access_denied',
  })
  expect(await refusal(mara.delete({ confirmName: 'Freehold MSP', password: PASSWORD }))).toMatchObject({
    code: 'access_denied',
  })
})

test('C14 only the owner hands it over, with the password, to a member; and is Admin then', async () => {
  const to = { userId: userId('Tom'), password: PASSWORD }
  expect(await refusal((await api('Ann')).transfer(to))).toMatchObject({ code: 'access_denied' })
  const ada = await api('Ada')
  expect(await refusal(ada.transfer({ ...to, password: 'wrong' }))).toMatchObject({
    code: 'invalid_input',
    password: 'This is not your current password.',
  })
  expect(await refusal(ada.transfer({ ...to, userId: userId('Ada') }))).toMatchObject({
    code: 'invalid_input',
  })
  for (const id of [userId('Bo'), userId('Mara'), idOf('nobody')])
    expect(await refusal(ada.transfer({ ...to, userId: id }))).toMatchObject({ code: 'not_found' })
  expect((await ada.candidates({ search: 'tom' })).map(({ id }) => id)).toEqual([userId('Tom')])
  expect(await ada.transfer(to)).toMatchObject({ id: userId('Tom') })
  expect([await rolesOf('Tom'), await rolesOf('Ada')]).toEqual([['owner', 'viewer'], ['admin']])
  expect(await refusal((await api('Ada')).transfer(to))).toMatchObject({ code: 'access_denied' })
  expect(await (await api('Tom')).get()).toMatchObject({ can: { transfer: true, delete: true } })
  const { rows } = await world.admin.query(
    "select result, reason from audit_event where event = 'organization.transfer' and (result = 'ok' or reason like 'wrong%') order by at",
  )
  expect(rows).toEqual([
    { result: 'denied', reason: 'wrong current password' },
    { result: 'ok', reason: '' },
  ])
})

test('a disabled member does not become the owner; of two that are given it at once one does', async () => {
  await world.admin.query("update user_account set status = 'disabled' where id = $1", [userId('Tom')])
  const ada = await api('Ada')
  expect(await refusal(ada.transfer({ userId: userId('Tom'), password: PASSWORD }))).toMatchObject({
    code: 'not_found',
  })
  const both = await Promise.allSettled(
    (['Eve', 'Nora'] as const).map(async (name) =>
      (await api('Ada')).transfer({ userId: userId(name), password: PASSWORD }),
    ),
  )
  expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

test('the owner deletes it: everybody is out, what was the master’s is back, both logs say it', async () => {
  const ask = { confirmName: 'Acme', password: PASSWORD }
  expect(await refusal((await api('Ann')).delete(ask))).toMatchObject({ code: 'access_denied' })
  const ada = await api('Ada')
  expect(await refusal(ada.delete({ ...ask, confirmName: 'acme' }))).toMatchObject({ code: 'invalid_input' })
  expect(await refusal(ada.delete({ ...ask, password: 'wrong' }))).toMatchObject({ code: 'invalid_input' })
  expect(await ada.deletionPlan()).toMatchObject({ name: 'Acme', restoreDays: 30, restDays: 90 })
  expect(await ada.delete(ask)).toEqual({ restoreDays: 30, next: 'http://localhost:3000/login' })
  const { rows: tenants } = await world.admin.query(
    "select status, purge_after > now() + interval '29 days' as later from tenant where slug = 'acme'",
  )
  expect(tenants).toEqual([{ status: 'deleted', later: true }])
  const { rows: left } = await world.admin.query(
    `select (select count(*)::int from session where tenant_id = $1 and revoked_at is null) as sessions,
       (select count(*)::int from resource where assigned_id = $1 and owner_id = $2) as assigned, (select count(*)::int from slug_rest where slug = 'acme') as rests`,
    [tenantId('A'), MASTER_TENANT_ID],
  )
  expect(left).toEqual([{ sessions: 0, assigned: 0, rests: 1 }])
  const { rows: log } = await world.admin.query(
    "select tenant_id from audit_event where event = 'organization.delete' and result = 'ok' order by 1",
  )
  expect(log.map((row) => row.tenant_id as string).sort()).toEqual([MASTER_TENANT_ID, tenantId('A')].sort())
  expect((await world.opOf('Ada')).actor).toBeNull()
})
