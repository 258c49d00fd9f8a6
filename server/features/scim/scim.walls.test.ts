import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  BOLT,
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

describe('what it may not', () => {
  it('C09 alters or links nobody whom it did not provision: a userName that is taken is 409', async () => {
    const before = await world.sql('select * from user_account where id = $1', [world.ids.tom])
    const clash = await api(
      'POST',
      '/Users',
      oktaUser('Tom', { emails: [{ value: 'tom@example.com', primary: true }] }),
    )
    expect(clash.status).toBe(409)
    expect(clash.body).toMatchObject({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: '409',
      scimType: 'uniqueness',
    })
    const lea = await created(api, oktaUser('lea', { emails: [{ value: 'tom@example.com', primary: true }] })) // an address links nobody
    expect(
      (await api('PATCH', `/Users/${lea.id}`, patch({ op: 'replace', path: 'userName', value: 'tom' })))
        .status,
    ).toBe(409)
    expect(await world.sql('select * from user_account where id = $1', [world.ids.tom])).toEqual(before)
    expect((await api('GET', '/Users?filter=userName eq "tom"')).body.totalResults).toBe(0)
  })

  it('C18 takes an externalId for no id: "1", and a uuid of somebody else', async () => {
    for (const externalId of ['1', world.ids.tom, world.ids.mara]) {
      const made = await created(api, oktaUser(`u${externalId.slice(0, 8)}`, { externalId }))
      expect(made.id).not.toBe(externalId)
      expect(made.externalId).toBe(externalId)
      expect((await api('GET', `/Users/${externalId}`)).status).toBe(404)
      expect(
        (await api('PATCH', `/Users/${externalId}`, patch({ op: 'replace', path: 'active', value: false })))
          .status,
      ).toBe(404)
      expect((await api('DELETE', `/Users/${externalId}`)).status).toBe(404)
      expect(
        (await api('PUT', `/Users/${made.id}`, { ...oktaUser('x'), id: externalId, externalId })).body.id,
      ).toBe(made.id)
      await api('DELETE', `/Users/${made.id}`)
    }
    const statuses = await world.sql<{ status: string }>('select distinct status from user_account')
    expect(statuses).toEqual([{ status: 'active' }])
  })

  it('answers the same 404 for people of another tenant, another connection, the console, and for nobody', async () => {
    const bolt = await plantConnection(world, world.bolt)
    const theirs = directory(bolt.token, BOLT)
    const same = await theirs('POST', '/Users', oktaUser('lea'))
    const mine = await created(api, oktaUser('lea')) // two tenants, one userName
    expect([same.status, same.body.id === mine.id]).toEqual([201, false])
    const other = directory((await plantConnection(world, world.acme, { name: 'Entra' })).token)
    expect((await other('POST', '/Users', oktaUser('lea'))).status).toBe(409)
    const group = (await api('POST', '/Groups', { displayName: 'Mine', members: [] })).body
    const detail = async (call: Directory, id: string) => {
      const answers = [
        await call('GET', `/Users/${id}`),
        await call('PUT', `/Users/${id}`, oktaUser('y')),
        await call('PATCH', `/Users/${id}`, patch({ op: 'replace', path: 'active', value: false })),
        await call('DELETE', `/Users/${id}`),
        await call('GET', `/Groups/${id}`),
        await call('PATCH', `/Groups/${id}`, patch({ op: 'replace', path: 'displayName', value: 'z' })),
        await call('DELETE', `/Groups/${id}`),
      ]
      return answers.map(({ status, body }) => [status, JSON.stringify(body).replaceAll(id, 'ID')])
    }
    const random = await detail(api, randomUUID())
    expect(random.map(([status]) => status)).toEqual([404, 404, 404, 404, 404, 404, 404])
    for (const id of [same.body.id, world.ids.tom, world.ids.mara, world.ids.bo, 'not-an-id'])
      expect(await detail(api, id)).toEqual(random)
    for (const id of [mine.id, group.id]) {
      expect(await detail(theirs, id)).toEqual(random)
      expect(await detail(other, id)).toEqual(random)
    }
    expect((await api('GET', `/Users/${mine.id}`)).body).toMatchObject({ userName: 'lea', active: true })
    const foreign = await api(
      'PATCH',
      `/Groups/${group.id}`,
      patch({ op: 'add', path: 'members', value: [{ value: world.ids.tom }] }),
    )
    expect([foreign.status, foreign.body.scimType]).toEqual([400, 'invalidValue'])
    expect(await world.rolesOf(world.ids.tom)).toEqual(['viewer'])
    const listed = async (call: Directory) => (await call('GET', '/Users')).body.Resources.map(({ id }) => id)
    expect([await listed(api), await listed(theirs), await listed(other)]).toEqual([
      [mine.id],
      [same.body.id],
      [],
    ])
  })

  it('C09 changes no address or externalId of whom an administrator made an owner, and does not shut them out', async () => {
    const lea = await created(api, oktaUser('lea'))
    await world.give(lea.id, 'owner')
    await world.give(world.ids.ada, 'owner')
    const at = `/Users/${lea.id}`
    const set = (path: string, value: unknown) => api('PATCH', at, patch({ op: 'replace', path, value }))
    const takeOver = async () => [
      await set('emails[type eq "work"].value', 'thief@evil.example'),
      await set('externalId', 'thief'),
      await set('active', false),
      await api('DELETE', at),
    ]
    for (const { status, body } of await takeOver())
      expect([status, body]).toMatchObject([409, { scimType: 'mutability' }])
    expect((await api('GET', at)).body).toMatchObject({ externalId: lea.externalId, active: true })
    expect((await set('name.familyName', 'Berg')).status).toBe(200)
    await world.sql('delete from role_assignment where user_id = any ($1) and role_id = $2', [
      [lea.id, world.ids.ada],
      (await world.sql<{ id: string }>(`select id from user_role where built_in = 'owner'`))[0]?.id,
    ])
    expect((await takeOver()).map(({ status }) => status)).toEqual([200, 200, 200, 204])
  })

  it('never disables or deletes the last owner, and its groups do not take that role from them', async () => {
    const lea = await created(api, oktaUser('lea'))
    await world.give(lea.id, 'owner')
    for (const answer of [
      await api('PATCH', `/Users/${lea.id}`, patch({ op: 'replace', path: 'active', value: false })),
      await api('PUT', `/Users/${lea.id}`, oktaUser('lea', { active: false })),
      await api('DELETE', `/Users/${lea.id}`),
    ]) {
      expect(answer.status).toBe(409)
      expect(answer.body.detail).toMatch(/last owner/)
    }
    await world.give(world.ids.ada, 'owner')
    // as if a group had given it
    await world.sql(
      `update scim_user set synced_roles = array(select id from user_role where built_in = 'owner') where user_id = $1`,
      [lea.id],
    )
    expect(
      (await api('PATCH', `/Users/${lea.id}`, patch({ op: 'replace', path: 'active', value: false }))).status,
    ).toBe(200)
    await world.sql(
      `delete from role_assignment where role_id = (select id from user_role where built_in = 'owner')`,
    )
    // an owner by a group
    await world.sql(
      `insert into scim_role_map (tenant_id, connection_id, group_name, role_id) select $1, $2, 'Bosses', id from user_role where built_in = 'owner'`,
      [world.acme, connection.id],
    )
    const max = await created(api, oktaUser('max'))
    const bosses = (await api('POST', '/Groups', { displayName: 'Bosses', members: [{ value: max.id }] }))
      .body
    expect(await world.rolesOf(max.id)).toEqual(['owner'])
    expect((await api('DELETE', `/Groups/${bosses.id}`)).status).toBe(204)
    expect(await world.rolesOf(max.id)).toEqual(['owner'])
    // an owner from a tenant that is suspended keeps nothing
    const olga = await world.user(world.bolt, 'olga', 'viewer')
    await world.sql('insert into membership (tenant_id, user_id, guest) values ($1, $2, true)', [
      world.acme,
      olga,
    ])
    await world.give(olga, 'owner')
    const sync = async () => {
      const made = await api('POST', '/Groups', { displayName: 'Bosses', members: [{ value: max.id }] })
      await api('DELETE', `/Groups/${made.body.id}`)
      return world.rolesOf(max.id)
    }
    await world.sql(`update tenant set status = 'disabled' where id = $1`, [world.bolt])
    expect(await sync()).toEqual(['owner'])
    await world.sql(`update tenant set status = 'active' where id = $1`, [world.bolt])
    expect(await sync()).toEqual([])
  })
})
