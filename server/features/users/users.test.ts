import { describe, expect, test } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { verifyPassword } from '@/server/platform/password'
import { tenantId, userId, VIEWER_ROLE } from '@/test/factories'
import { refusal } from '@/test/refusal'
import {
  api,
  acme,
  role,
  newUser,
  lookup,
  events,
  signedIn,
  ownRole,
  give,
  useWorld,
  world,
} from './users.fixture'

useWorld()

describe('the list', () => {
  test('has the tenant’s people and nobody else’s', async () => {
    const { rows, total } = await (await api('Ada')).users.list({ kind: ['home'] })
    expect(rows.map((row) => row.username).sort()).toEqual(['ada', 'ann', 'eve', 'exa', 'nora', 'tom'])
    expect(total).toBe(6)
    expect(rows.find((row) => row.username === 'tom')).toMatchObject({
      roles: [{ name: 'Viewer' }],
      you: false,
      kind: 'home',
      password: 'set',
    })
    expect(rows.find((row) => row.username === 'nora')).toMatchObject({ roles: [] })
    const provider = await (await api('Mara')).tenantUsers.list({ tenantId: acme, kind: ['home'] })
    expect(provider.rows.map((row) => row.id)).toEqual(rows.map((row) => row.id))
    expect((await (await api('Mara')).users.list({})).rows.map((row) => row.username).sort()).toEqual([
      'first',
      'mara',
      'sam',
    ])
  })

  test.each(['name', 'username', 'email', 'status', 'lastSignIn'] as const)('pages by %s', async (sort) => {
    const as = await api('Tom')
    const all = (await as.users.list({ sort, desc: true })).rows.map((row) => row.id)
    const first = await as.users.list({ sort, desc: true, limit: 5 })
    const second = await as.users.list({ sort, desc: true, limit: 5, cursor: first.nextCursor })
    expect([...first.rows, ...second.rows].map((row) => row.id)).toEqual(all)
    const back = await as.users.list({ sort, desc: true, limit: 5, cursor: second.prevCursor })
    expect(back.rows.map((row) => row.id)).toEqual(all.slice(0, 5))
  })

  test('searches and filters; a cursor is its own tenant’s (A09)', async () => {
    const ada = await api('Ada')
    expect((await ada.users.list({ search: 'TO' })).rows.map((row) => row.username)).toEqual(['tom'])
    expect((await ada.users.list({ status: ['disabled'] })).rows).toEqual([])
    const { nextCursor: cursor } = await ada.users.list({ limit: 2 })
    expect(await refusal((await api('Bo')).users.list({ limit: 2, cursor }))).toMatchObject({
      code: 'invalid_input',
    })
    expect(
      await refusal((await api('Mara')).tenantUsers.list({ tenantId: acme, limit: 2, cursor })),
    ).toMatchObject({ code: 'invalid_input' })
  })

  test('needs the permission', async () => {
    expect(await refusal((await api('Nora')).users.list({}))).toMatchObject({ code: 'access_denied' })
    expect(await refusal((await api('Ada')).tenantUsers.list({ tenantId: acme }))).toMatchObject({
      code: 'access_denied',
    })
    const mara = await api('Mara')
    expect(await refusal(mara.tenantUsers.list({ tenantId: VIEWER_ROLE }))).toMatchObject({
      code: 'not_found',
    })
    expect(await refusal(mara.tenantUsers.list({ tenantId: MASTER_TENANT_ID }))).toMatchObject({
      code: 'invalid_input',
    })
    expect((await (await api('Sam')).tenantUsers.list({ tenantId: acme })).rows[0]?.can.edit).toBe(false)
    const [row] = (await (await api('Tom')).users.list({ kind: ['home'] })).rows
    expect(row?.why.delete).toBe('Your role may see users, not change them')
  })
})

describe('creating', () => {
  test('as the provider: a temporary password, told in both logs', async () => {
    const made = await (
      await api('Mara')
    ).tenantUsers.create({
      tenantId: acme,
      ...newUser({ password: 'a long enough phrase', passwordConfirm: 'a long enough phrase' }),
    })
    expect(made).toEqual({ id: made.id, name: 'Uma New' })
    const found = await lookup('acme', 'uma')
    expect(found).toMatchObject({ ok: true, must_change: true })
    expect(await verifyPassword(found?.password_hash ?? null, 'a long enough phrase')).toBe(true)
    for (const log of [acme, MASTER_TENANT_ID]) {
      const [event] = await events(log, 'user.create')
      expect(event).toMatchObject({ target_name: 'uma', after: { roles: ['Viewer'] } })
      expect(JSON.stringify(event)).not.toContain('long enough')
    }
    expect(await (await api('Ada')).users.get({ id: made.id })).toMatchObject({
      username: 'uma',
      password: 'temporary',
      roles: [{ name: 'Viewer' }],
    })
    await world.admin.query(
      "update user_credential set expires_at = now() - interval '1 second' where user_id = $1",
      [made.id],
    )
    expect(await lookup('acme', 'uma')).toMatchObject({ ok: false })
    expect(await (await api('Ada')).users.get({ id: made.id })).toMatchObject({ password: 'expired' })
  })

  test('as the tenant, with a password made and told once', async () => {
    const { generatedPassword = '' } = await (await api('Ada')).users.create(newUser({ username: 'UMA' }))
    expect(generatedPassword).toMatch(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/)
    const found = await lookup('acme', 'uma')
    expect(await verifyPassword(found?.password_hash ?? null, generatedPassword)).toBe(true)
    const { rows } = await world.admin.query<{ hours: number }>(
      "select round(extract(epoch from c.expires_at - now()) / 3600)::int as hours from user_credential c join user_account u on u.id = c.user_id where u.username = 'uma'",
    )
    expect(rows).toEqual([{ hours: 24 }])
    expect(await events(MASTER_TENANT_ID, 'user.create')).toEqual([])
    expect(await events(acme, 'user.create')).toHaveLength(1)
  })

  test('refuses what does not fit, field by field', async () => {
    const ada = await api('Ada')
    const create = (more: Record<string, unknown>) => refusal(ada.users.create(newUser(more)))
    expect(await create({ username: 'tom' })).toMatchObject({
      code: 'conflict',
      username: 'Another user of this tenant has this username',
    })
    expect(await create({ username: 'TOM' })).toHaveProperty('username')
    expect(await create({ username: 'с' })).toHaveProperty('username') // Cyrillic
    expect(await create({ password: 'short', passwordConfirm: 'short' })).toHaveProperty('password')
    expect(
      await create({ password: 'a long enough phrase', passwordConfirm: 'another one entirely' }),
    ).toHaveProperty('passwordConfirm')
    expect((await create({ roleIds: [] })).code).toMatch(/Zod/)
    expect(await create({ roleIds: undefined })).toHaveProperty('roleIds', 'Choose a role')
    expect((await create({ email: 'nobody' })).code).toMatch(/Zod/)
    await ada.users.create(newUser({ username: 'mara' })) // the same name in every tenant (C2)
  })

  test('gives a username to one of many who ask at once', async () => {
    const ada = await api('Ada')
    const results = await Promise.allSettled([1, 2, 3].map(() => ada.users.create(newUser())))
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1)
  })

  test('takes no role that is not to be had there', async () => {
    const foreign = await ownRole({ users: 'read' }, tenantId('B'))
    const ada = await api('Ada')
    const mara = await api('Mara')
    for (const id of [foreign, role('superAdmin'), acme]) {
      expect(await refusal(ada.users.create(newUser({ roleIds: [id] })))).toMatchObject({ code: 'not_found' })
      expect(await refusal(ada.users.create(newUser({ roleIds: [role('viewer'), id] })))).toMatchObject({
        code: 'not_found',
      })
      expect(
        await refusal(mara.tenantUsers.create({ tenantId: acme, ...newUser({ roleIds: [id] }) })),
      ).toMatchObject({ code: 'not_found' })
    }
    expect(await refusal(mara.users.create(newUser({ roleIds: [role('viewer')] })))).toMatchObject({
      code: 'not_found',
    })
    await mara.users.create(newUser({ roleIds: [role('support')] }))
    await ada.users.create(newUser({ roleIds: [await ownRole({ users: 'read' }), role('viewer')] }))
  })

  test('is refused, and says so, where no multi-tenant role is to be seen', async () => {
    await world.admin.query(
      'update user_role set multi_tenant = false, locked = false, built_in = null where multi_tenant',
    )
    await give('Ada', await ownRole({ users: 'full' }))
    const roleIds = [await ownRole({ users: 'read' })]
    expect(await refusal((await api('Ada')).users.create(newUser({ roleIds })))).toMatchObject({
      code: 'conflict',
      roleIds: expect.stringContaining('multi-tenant role'),
    })
    expect(
      await refusal((await api('Mara')).tenantUsers.create({ tenantId: acme, ...newUser({ roleIds }) })),
    ).toMatchObject({ code: 'conflict' })
    await (await api('Mara')).users.create(newUser({ roleIds: [role('support')] }))
  })
})

describe('people of other tenants', () => {
  test('do not exist', async () => {
    const ada = await api('Ada')
    const bo = { id: userId('Bo') }
    const calls = [
      ada.users.get(bo),
      ada.users.update({ ...bo, username: 'bo', email: 'b@b.example' }),
      ada.users.setPassword(bo),
      ada.users.setRoles({ ...bo, roleIds: [role('viewer')] }),
      ada.users.disable(bo),
      ada.users.enable(bo),
      ada.users.delete(bo),
      ada.users.endSessions(bo),
      (await api('Mara')).tenantUsers.delete({ tenantId: acme, ...bo }),
    ]
    for (const result of await Promise.all(calls.map(refusal)))
      expect(result).toEqual({ code: 'not_found', message: 'Not found' })
    expect(await signedIn('Bo')).toBe(true)
    await (await api('Mara')).tenantUsers.delete({ tenantId: tenantId('B'), ...bo })
  })

  test('a guest’s account is left alone; their roles here are not', async () => {
    await world.admin.query('insert into membership (tenant_id, user_id) values ($1, $2)', [
      acme,
      userId('Bo'),
    ])
    await give('Bo', role('viewer'))
    const ada = await api('Ada')
    const bo = { id: userId('Bo') }
    for (const result of await Promise.all(
      [
        ada.users.setPassword(bo),
        ada.users.disable(bo),
        ada.users.delete(bo),
        ada.users.update({ ...bo, username: 'bo', email: 'b@b.example' }),
      ].map(refusal),
    ))
      expect(result).toMatchObject({
        message: 'This person’s account belongs to another tenant',
      })
    expect(await ada.users.get(bo)).toMatchObject({
      kind: 'guest',
      password: 'elsewhere',
      can: { setRoles: true, setPassword: false },
    })
    await ada.users.setRoles({ ...bo, roleIds: [role('editor')] })
    expect(await signedIn('Bo')).toBe(true) // at home
  })
})
