import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  ACME,
  entraUser,
  GROUP,
  oktaUser,
  patch,
  created,
  type Directory,
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

describe('as Okta sends it', () => {
  it('somebody is looked for, made, changed, deactivated within one request, brought back and deleted', async () => {
    const none = await api(
      'GET',
      '/Users?filter=userName%20eq%20%22Lea%40acme.example%22&startIndex=1&count=100',
    )
    expect(none.body).toMatchObject({ totalResults: 0, startIndex: 1, Resources: [] })
    expect(none.headers.get('content-type')).toMatch('application/scim+json')
    const made = await api('POST', '/Users', oktaUser('Lea@acme.example'))
    expect(made.status).toBe(201)
    expect(made.body).toMatchObject({
      userName: 'lea@acme.example',
      externalId: '00uLea@acme.example',
      name: { givenName: 'Lea', familyName: 'Lind', formatted: 'Lea Lind' },
      emails: [{ value: 'Lea@acme.example', primary: true, type: 'work' }],
      active: true,
      meta: { resourceType: 'User' },
    })
    const { id } = made.body
    expect(made.headers.get('location')).toBe(`http://${ACME}/scim/v2/Users/${id}`)
    expect(made.headers.get('etag')).toBe(made.body.meta.version)
    expect(JSON.stringify(made.body)).not.toContain('1mz050nq')
    // no password: nobody signs in until a link by mail set one
    expect((await world.signIn('lea@acme.example')).status).not.toBe(200)
    await world.setPassword(id)
    const { b, status } = await world.signIn('lea@acme.example')
    expect([status, await world.isIn(b)]).toEqual([200, true])

    const put = await api('PUT', `/Users/${id}`, {
      ...oktaUser('Lea@acme.example'),
      id,
      name: { givenName: 'Lea', familyName: 'Lund' },
    })
    expect([put.status, put.body.displayName]).toEqual([200, 'Lea Lund'])
    expect(await world.isIn(b)).toBe(true)
    const off = await api('PATCH', `/Users/${id}`, patch({ op: 'replace', value: { active: false } }))
    expect([off.status, off.body.active]).toEqual([200, false])
    expect(await world.isIn(b)).toBe(false)
    expect((await world.signIn('lea@acme.example')).status).not.toBe(200)
    expect(
      (await api('PATCH', `/Users/${id}`, patch({ op: 'replace', value: { active: true } }))).body.active,
    ).toBe(true)
    expect(await world.isIn(b)).toBe(false) // what ended has ended
    expect((await world.signIn('lea@acme.example')).status).toBe(200)
    expect((await api('DELETE', `/Users/${id}`)).status).toBe(204)
    expect((await api('GET', `/Users/${id}`)).status).toBe(404)
    expect((await api('DELETE', `/Users/${id}`)).status).toBe(404)

    const told = await world.events()
    expect(told.map(({ event }) => event)).toEqual([
      'scim.user_create',
      'scim.user_update',
      'scim.user_disable',
      'scim.user_enable',
      'scim.user_delete',
    ])
    for (const one of told)
      expect(one).toMatchObject({
        actor_name: 'SCIM connection Okta',
        tenant_id: world.acme,
        target_name: 'lea@acme.example',
      })
    expect(told[2]?.after).toMatchObject({ status: 'disabled', sessionsEnded: 1 })
    expect(JSON.stringify(await world.sql('select (a.*)::text from audit_event a'))).not.toContain(
      connection.token,
    )
  })

  it('a group gives its members roles at once, and takes what it gave, not what an administrator gave', async () => {
    const { id } = await created(api, oktaUser('lea'))
    expect(await world.rolesOf(id)).toEqual([])
    const group = await api('POST', '/Groups', {
      schemas: [GROUP],
      displayName: 'Operators',
      members: [{ value: id, display: 'lea' }],
    })
    expect(group.status).toBe(201)
    expect(group.body).toMatchObject({ displayName: 'Operators', members: [{ value: id, display: 'lea' }] })
    expect(await world.rolesOf(id)).toEqual(['editor'])
    expect((await api('GET', `/Users/${id}`)).body.groups).toMatchObject([
      { value: group.body.id, display: 'Operators' },
    ])
    await world.give(id, 'viewer')
    await world.setPassword(id)
    const { b } = await world.signIn('lea')
    expect(await world.isIn(b)).toBe(true)
    // Okta renames by a replace without a path
    const renamed = await api(
      'PATCH',
      `/Groups/${group.body.id}`,
      patch({ op: 'replace', value: { id: group.body.id, displayName: 'Everyone' } }),
    )
    expect(renamed.status).toBe(200)
    expect(await world.rolesOf(id)).toEqual(['viewer'])
    expect(await world.isIn(b)).toBe(false) // editor was lost
    await api(
      'PATCH',
      `/Groups/${group.body.id}`,
      patch({ op: 'replace', path: 'displayName', value: 'Operators' }),
    )
    expect(await world.rolesOf(id)).toEqual(['editor', 'viewer'])
    await api('PATCH', `/Groups/${group.body.id}`, patch({ op: 'remove', path: `members[value eq "${id}"]` }))
    expect(await world.rolesOf(id)).toEqual(['viewer']) // the administrator's stays
    await api('PUT', `/Groups/${group.body.id}`, {
      schemas: [GROUP],
      displayName: 'Operators',
      members: [{ value: id }],
    })
    expect(await world.rolesOf(id)).toEqual(['editor', 'viewer'])
    expect((await api('DELETE', `/Groups/${group.body.id}`)).status).toBe(204)
    expect(await world.rolesOf(id)).toEqual(['viewer'])
    expect(
      (await world.events()).map(({ event }) => event).filter((event) => event.includes('group')),
    ).toEqual([
      'scim.group_create',
      'scim.group_update',
      'scim.group_update',
      'scim.group_update',
      'scim.group_update',
      'scim.group_delete',
    ])
  })

  it('who is in no mapped group has the default role, until they are in one', async () => {
    await world.sql(
      `update scim_connection set default_role_id = (select id from user_role where built_in = 'viewer')`,
    )
    const { id } = await created(api, oktaUser('lea'))
    expect(await world.rolesOf(id)).toEqual(['viewer'])
    const group = await api('POST', '/Groups', {
      schemas: [GROUP],
      displayName: 'Operators',
      members: [{ value: id }],
    })
    expect(await world.rolesOf(id)).toEqual(['editor'])
    await api('PATCH', `/Groups/${group.body.id}`, patch({ op: 'remove', path: 'members' }))
    expect(await world.rolesOf(id)).toEqual(['viewer'])
  })
})

describe('as Entra ID sends it', () => {
  it('tests the connection by a filter for somebody random, and makes and changes people in its own spelling', async () => {
    const probe = await api('GET', `/Users?filter=userName+eq+%22${randomUUID()}%22`)
    expect([probe.status, probe.body.totalResults]).toEqual([200, 0])
    const { id } = await created(api, entraUser('lea@acme.example'))
    const changed = await api(
      'PATCH',
      `/Users/${id}`,
      patch(
        { op: 'Replace', path: 'emails[type eq "work"].value', value: 'lea.lund@acme.example' },
        { op: 'Replace', path: 'name.familyName', value: 'Lund' },
        { op: 'Add', path: 'title', value: 'Captain' },
        {
          op: 'Add',
          path: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department',
          value: 'Sea',
        },
        { op: 'Add', path: 'phoneNumbers[type eq "work"].value', value: '+49' },
      ),
    )
    expect(changed.body).toMatchObject({
      emails: [{ value: 'lea.lund@acme.example' }],
      name: { familyName: 'Lund', givenName: 'Lea' },
    })
    const flat = await api(
      'PATCH',
      `/Users/${id}`,
      patch({ op: 'Add', value: { 'name.givenName': 'Lena', externalId: 'oid-2', displayName: 'x' } }),
    )
    expect(flat.body).toMatchObject({ name: { givenName: 'Lena' }, externalId: 'oid-2' })
    for (const [word, active] of [
      ['False', false],
      ['True', true],
    ] as const)
      expect(
        (await api('PATCH', `/Users/${id}`, patch({ op: 'Replace', path: 'active', value: word }))).body
          .active,
      ).toBe(active)
    expect((await api('GET', '/Users?filter=externalId eq "oid-2"')).body.Resources).toMatchObject([{ id }])
  })

  it('adds and removes members by value, and asks for groups without them', async () => {
    const [lea, max] = [await created(api, entraUser('lea')), await created(api, entraUser('max'))]
    const made = await api('POST', '/Groups', {
      schemas: [GROUP, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
      externalId: 'g-1',
      displayName: 'Everyone',
      meta: { resourceType: 'Group' },
    })
    const at = `/Groups/${made.body.id}`
    expect(made.body.members).toEqual([])
    const add = await api(
      'PATCH',
      at,
      patch({
        op: 'Add',
        path: 'members',
        value: [
          { $ref: null, value: lea.id },
          { $ref: null, value: max.id },
        ],
      }),
    )
    expect(add.body.members.map(({ display }) => display)).toEqual(['lea', 'max'])
    await api('PATCH', at, patch({ op: 'Remove', path: 'members', value: [{ $ref: null, value: max.id }] }))
    expect(await world.rolesOf(lea.id)).toEqual(['viewer'])
    expect(await world.rolesOf(max.id)).toEqual([])
    const bare = await api('GET', `${at}?excludedAttributes=members`)
    expect([bare.status, 'members' in bare.body]).toEqual([200, false])
    const listed = await api('GET', '/Groups?excludedAttributes=members&filter=displayName+eq+%22everyone%22')
    expect(listed.body).toMatchObject({
      totalResults: 1,
      Resources: [{ id: made.body.id, externalId: 'g-1' }],
    })
    expect(listed.body.Resources[0]).not.toHaveProperty('members')
    const member = await api(
      'GET',
      `/Groups?filter=id eq "${made.body.id}" and members[value eq "${lea.id}"]`,
    )
    expect(member.body.totalResults).toBe(1)
    expect((await api('GET', `/Groups?filter=members.value eq "${max.id}"`)).body.totalResults).toBe(0)
  })
})
