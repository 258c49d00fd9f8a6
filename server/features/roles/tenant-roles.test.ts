import { describe, expect, test } from 'vitest'
import { effectLines } from '@/lib/effects'
import { idOf } from '@/test/canary'
import { CUSTOMER_ROLE, resourceId, SPARE_CAP, tenantId } from '@/test/factories'
import { refusal } from '@/test/refusal'
import { acme, api, builtIn, holds, logged, planted, useWorld, world } from './roles.fixture'

useWorld()

const cap = (more: object = {}) => ({
  name: 'Small',
  levels: {
    hosts: 'full' as const,
    users: 'full' as const,
    roles: 'full' as const,
    sharing: 'full' as const,
  },
  ...more,
})
const cloud = resourceId('public cloud')
const putOnAcme = (id: string) =>
  world.admin.query('update tenant set tenant_role_id = $1 where id = $2', [id, acme])

/** What an update sends back of a tenant role that was read. */
async function sentBack(id: string) {
  const got = await (await api('Mara')).tenantRoles.get({ id })
  const { name, description, landing, defaultCloudLevel, updatedAt } = got
  const levels = Object.fromEntries(
    Object.entries(got.levels).filter(([, level]) => level !== 'none'),
  ) as Record<string, never>
  const clouds = got.clouds.flatMap(({ id: one, level }) => (level === null ? [] : [{ id: one, level }]))
  return { id, name, description, landing: landing as '', defaultCloudLevel, updatedAt, levels, clouds }
}

describe('tenant roles', () => {
  test('are listed with their use; a subtenant does not see them', async () => {
    const { rows } = await (await api('Mara')).tenantRoles.list()
    expect(rows.map((row) => [row.name, row.builtIn, row.sharing, row.tenants])).toEqual([
      ['Customer', true, false, 3],
      ['Organization', true, true, 1],
      ['Spare', false, false, 0],
    ])
    expect(rows[0]).toMatchObject({
      named: { none: 0, read: 0, full: 1 },
      can: { edit: true, delete: false },
    })
    expect(await refusal((await api('Ada')).tenantRoles.list())).toMatchObject({ code: 'access_denied' })
    const sam = await api('Sam')
    expect((await sam.tenantRoles.list()).why.create).toBe('Your role may see tenant roles, not change them')
    expect(await refusal(sam.tenantRoles.delete({ id: SPARE_CAP }))).toMatchObject({ code: 'access_denied' })
  })

  test('are made from nothing or another one; sharing is what its level says', async () => {
    const mara = await api('Mara')
    const { id } = await mara.tenantRoles.create(
      cap({ clouds: [{ id: cloud, level: 'read' }], defaultCloudLevel: 'none' }),
    )
    expect(await mara.tenantRoles.get({ id })).toMatchObject({
      sharing: true,
      levels: { hosts: 'full', networks: 'none' },
      named: { read: 1 },
    })
    const { id: copy } = await mara.tenantRoles.create({ name: 'Small too', baseRoleId: id })
    expect((await mara.tenantRoles.get({ id: copy })).clouds.find((one) => one.id === cloud)?.level).toBe(
      'read',
    )
    expect(await refusal(mara.tenantRoles.create(cap({ name: 'customer' })))).toMatchObject({
      name: 'Another tenant role has this name',
    })
    expect(
      await refusal(mara.tenantRoles.create(cap({ name: 'x', levels: { tenants: 'read' } }))),
    ).toMatchObject({ code: 'invalid_input' })
    for (const wrong of [resourceId('master private'), resourceId('A web'), idOf('never')])
      expect(
        await refusal(mara.tenantRoles.create(cap({ name: 'x', clouds: [{ id: wrong, level: 'read' }] }))),
      ).toMatchObject({ code: 'not_found' })
    const told = (await logged('M', 'tenant_role.create')).find((row) => row.target_name === 'Small')
    expect(told?.after?.role).toEqual(expect.arrayContaining(['Hosts: full', 'Other public clouds: none']))
  })

  test('cut in the very next request when lowered, and bring the wish back when raised (rule 6)', async () => {
    const mara = await api('Mara')
    const { id } = await mara.tenantRoles.create(cap())
    await putOnAcme(id)
    await holds('Tom', await planted('A', { hosts: 'full', networks: 'full' }))
    const rights = async () => (await world.opOf('Tom')).rights
    expect(await rights()).toMatchObject({ hosts: 'full', networks: 'none' })
    const change = async (levels: object) => mara.tenantRoles.update({ ...(await sentBack(id)), levels })
    await change({ hosts: 'read' })
    expect(await rights()).toMatchObject({ hosts: 'read', networks: 'none' })
    await change({ hosts: 'full', networks: 'group' })
    expect(await rights()).toMatchObject({ hosts: 'full', networks: 'group' })
  })

  test('say who gains and loses before and after: the tenant, and its people', async () => {
    const mara = await api('Mara')
    const { id } = await mara.tenantRoles.create(cap())
    await putOnAcme(id)
    for (const who of ['Ann', 'Eve', 'Nora', 'Exa', 'Ada'] as const) await holds(who, builtIn('viewer'))
    await holds('Tom', await planted('A', { hosts: 'full' }))
    const next = { levels: { hosts: 'read' as const }, defaultCloudLevel: 'read' as const, clouds: [] }
    const told = await mara.tenantRoles.preview({ id, ...next })
    const name = (await mara.tenantRoles.clouds()).map((one) => one.name)
    const lines = effectLines(told.lines)
    expect(lines).toEqual(
      expect.arrayContaining([
        'Acme loses Hosts: full → read',
        'Acme loses Sharing: full → none',
        `Acme gains Cloud ${name[0]}: none → read`,
        'Acme: 1 person loses Hosts: full → read',
        'Acme: 5 people lose Users: read → none',
      ]),
    )
    await mara.tenantRoles.update({ ...(await sentBack(id)), ...next })
    expect((await logged('M', 'tenant_role.update'))[0]?.after?.effects).toEqual(lines)
    expect((await logged('A', 'tenant_role.update'))[0]?.after?.effects).toEqual(lines)
    expect(await logged('B', 'tenant_role.update')).toEqual([])
  })

  test('tell each of a hundred tenants and more once, and the master once', async () => {
    const { id } = await (await api('Mara')).tenantRoles.create(cap({ name: 'Of many' }))
    const { rows } = await world.admin.query<{ id: string }>(
      `insert into tenant (id, slug, name, tenant_role_id)
       select gen_random_uuid(), 'many-' || n, 'Many ' || n, $1 from generate_series(1, 103) n returning id`,
      [id],
    )
    const sent = await sentBack(id)
    await (await api('Mara')).tenantRoles.update({ ...sent, levels: { ...sent.levels, hosts: 'read' } })
    const told = async (tenant: string) =>
      (
        await world.admin.query<{ actor_name: string }>(
          `select actor_name from audit_event where event = 'tenant_role.update' and tenant_id = $1 and target_id = $2`,
          [tenant, id],
        )
      ).rows
    expect(await told(tenantId('M'))).toHaveLength(1)
    for (const one of rows) {
      const [row, ...more] = await told(one.id)
      expect([row?.actor_name.includes('(mara)'), more]).toEqual([true, []])
    }
  })

  test('that are built in keep their levels; their clouds are chosen', async () => {
    const mara = await api('Mara')
    const sent = await sentBack(CUSTOMER_ROLE)
    await mara.tenantRoles.update({ ...sent, clouds: [], defaultCloudLevel: 'full' })
    const now = await sentBack(CUSTOMER_ROLE)
    expect(now).toMatchObject({ clouds: [], defaultCloudLevel: 'full' })
    expect(await refusal(mara.tenantRoles.update({ ...now, levels: {} }))).toMatchObject({
      code: 'invalid_input',
    })
    expect(await refusal(mara.tenantRoles.update(sent))).toMatchObject({ code: 'conflict' })
    expect(await refusal(mara.tenantRoles.delete({ id: CUSTOMER_ROLE }))).toMatchObject({
      code: 'access_denied',
    })
  })

  test('are not deleted while a tenant has them, and name it', async () => {
    const mara = await api('Mara')
    await world.admin.query('update tenant set tenant_role_id = $1 where id = any ($2)', [
      SPARE_CAP,
      [acme, tenantId('E')],
    ])
    expect(await refusal(mara.tenantRoles.delete({ id: SPARE_CAP }))).toMatchObject({
      message: 'It is in use: Acme, Ended (deleted, can be restored)',
    })
    await world.admin.query('update tenant set tenant_role_id = $1 where tenant_role_id = $2', [
      CUSTOMER_ROLE,
      SPARE_CAP,
    ])
    await mara.tenantRoles.delete({ id: SPARE_CAP })
    expect(await refusal(mara.tenantRoles.get({ id: SPARE_CAP }))).toMatchObject({ code: 'not_found' })
  })
})
