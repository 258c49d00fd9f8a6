import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  directory,
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

describe('the protocol', () => {
  it('pages over 250 people, each once', async () => {
    await world.sql(
      `with made as (insert into user_account (home_tenant_id, username, email) select $1, 'p' || n, '' from generate_series(1, 250) n returning id)
       insert into scim_user (tenant_id, user_id, connection_id, synced_roles) select $1, id, $2, '{}' from made`,
      [world.acme, connection.id],
    )
    const seen: string[] = []
    for (let start = 1; start <= 250; start += 60) {
      const { body } = await api('GET', `/Users?startIndex=${start}&count=60`)
      expect(body).toMatchObject({
        totalResults: 250,
        startIndex: start,
        itemsPerPage: Math.min(60, 251 - start),
      })
      seen.push(...body.Resources.map(({ id }) => id))
    }
    expect(new Set(seen).size).toBe(250)
    expect((await api('GET', '/Users?count=0')).body).toMatchObject({ totalResults: 250, Resources: [] })
    expect((await api('GET', '/Users?count=5000')).body.Resources).toHaveLength(200)
    expect((await api('GET', '/Users?startIndex=-3&count=-1')).body).toMatchObject({
      startIndex: 1,
      itemsPerPage: 0,
    })
    expect((await api('GET', '/Users?count=many')).status).toBe(400)
    expect(
      (await api('GET', '/Users?filter=userName sw "p1" and not (userName ew "1")&count=1')).body
        .totalResults,
    ).toBe(99)
  })

  it('finds people by what RFC 7644 lets ask', async () => {
    const lea = await created(api, oktaUser('lea'))
    const max = await created(api, oktaUser('max', { name: { givenName: 'Max' } }))
    await api('PATCH', `/Users/${max.id}`, patch({ op: 'replace', path: 'active', value: false }))
    const finds = async (filter: string) => {
      const { body, status } = await api('GET', `/Users?filter=${encodeURIComponent(filter)}`)
      return status === 200 ? body.Resources.map(({ userName }) => userName) : body.scimType
    }
    expect(await finds('userName eq "LEA"')).toEqual(['lea'])
    expect(await finds('USERNAME Eq "lea"')).toEqual(['lea'])
    expect(await finds('urn:ietf:params:scim:schemas:core:2.0:User:userName eq "lea"')).toEqual(['lea'])
    expect(await finds(`id eq "${lea.id}"`)).toEqual(['lea'])
    expect(await finds(`id eq "${world.ids.tom}"`)).toEqual([])
    expect(await finds('id eq "lea"')).toEqual([])
    expect(await finds('externalId eq "00ulea"')).toEqual(['lea'])
    expect(await finds('externalId eq "00ULEA"')).toEqual([])
    expect(await finds('emails.value eq "Lea@acme.example"')).toEqual(['lea'])
    expect(await finds('emails[type eq "work" and value co "max"]')).toEqual(['max'])
    expect(await finds('active eq true')).toEqual(['lea'])
    expect(await finds('active eq "False"')).toEqual(['max'])
    expect(await finds('active eq true or name.givenName eq "max"')).toEqual(['lea', 'max'])
    expect(await finds('active eq false and userName eq "lea"')).toEqual([])
    expect(await finds('meta.lastModified gt "2020-01-01T00:00:00Z"')).toEqual(['lea', 'max'])
    expect(await finds('meta.lastModified lt "2020-01-01T00:00:00+02:00"')).toEqual([])
    for (const wrong of [
      'userName',
      'userName xx "a"',
      'password eq "x"',
      '(active eq true',
      `userName eq "a' or 1=1 --`,
      'userName eq 7',
    ])
      expect([wrong, await finds(wrong)]).toEqual([wrong, 'invalidFilter'])
  })

  it('keeps to versions: ETag, If-Match, If-None-Match', async () => {
    const { id, meta } = await created(api, oktaUser('lea'))
    const at = `/Users/${id}`
    expect((await api('GET', at, undefined, { 'if-none-match': meta.version })).status).toBe(304)
    const change = (familyName: string, version: string) =>
      api('PATCH', at, patch({ op: 'replace', path: 'name.familyName', value: familyName }), {
        'if-match': version,
      })
    const first = await change('Lund', meta.version)
    expect([first.status, first.body.meta.version === meta.version]).toEqual([200, false])
    expect((await change('Lond', meta.version)).status).toBe(412)
    expect((await api('DELETE', at, undefined, { 'if-match': meta.version })).status).toBe(412)
    expect((await change('Lond', first.body.meta.version)).status).toBe(200)
    expect((await change('Lend', '*')).status).toBe(200)
    const group = (await api('POST', '/Groups', { displayName: 'G' })).body
    const rename = (version: string) =>
      api('PATCH', `/Groups/${group.id}`, patch({ op: 'replace', path: 'displayName', value: 'H' }), {
        'if-match': version,
      })
    expect((await rename('W/"7"')).status).toBe(412)
    expect((await rename(group.meta.version)).status).toBe(200)
  })

  it('answers the attributes that are asked for', async () => {
    const { id } = await created(api, oktaUser('lea'))
    const keys = async (query: string) => Object.keys((await api('GET', `/Users/${id}?${query}`)).body).sort()
    expect(await keys('attributes=userName')).toEqual(['id', 'schemas', 'userName'])
    expect((await api('GET', `/Users/${id}?attributes=name.familyName,emails.value`)).body).toMatchObject({
      name: { familyName: 'Lind' },
      emails: [{ value: 'lea@acme.example' }],
    })
    expect(await keys('excludedAttributes=emails,groups,meta')).not.toContain('emails')
  })

  it('says what is wrong with a request', async () => {
    const { id } = await created(api, oktaUser('lea'))
    const type = async (operations: object[]) => {
      const { status, body } = await api('PATCH', `/Users/${id}`, patch(...operations))
      return [status, body.scimType]
    }
    expect(await type([{ op: 'replace', path: 'id', value: 'x' }])).toEqual([400, 'mutability'])
    expect(await type([{ op: 'remove', path: 'userName' }])).toEqual([400, 'mutability'])
    expect(await type([{ op: 'replace', path: 'shoeSize', value: 3 }])).toEqual([400, 'invalidPath'])
    expect(await type([{ op: 'replace', path: 'emails[type eq', value: 3 }])).toEqual([400, 'invalidPath'])
    expect(await type([{ op: 'remove' }])).toEqual([400, 'noTarget'])
    expect(await type([{ op: 'jump', path: 'active' }])).toEqual([400, 'invalidSyntax'])
    expect(await type([{ op: 'replace', path: 'active', value: 'maybe' }])).toEqual([400, 'invalidValue'])
    expect(await type([])).toEqual([400, 'invalidSyntax'])
    for (const userName of ['', 'a b', 'тom', undefined, 7])
      expect((await api('POST', '/Users', { ...oktaUser('x'), userName })).body.scimType).toBe('invalidValue')
    expect((await api('POST', '/Users', oktaUser('x', { externalId: '00ulea' }))).body.scimType).toBe(
      'uniqueness',
    )
    expect((await api('POST', '/Users', {}, { 'content-type': 'text/plain' })).status).toBe(415)
    expect((await api('POST', '/Groups', { displayName: '' })).status).toBe(400)
    await api('POST', '/Groups', { displayName: 'G' })
    expect((await api('POST', '/Groups', { displayName: 'G' })).body.scimType).toBe('uniqueness')
    expect((await api('POST', '/Users/x', {})).status).toBe(405)
  })

  it('describes itself', async () => {
    expect((await api('GET', '/ServiceProviderConfig')).body).toMatchObject({
      patch: { supported: true },
      bulk: { supported: false },
      etag: { supported: true },
    })
    expect((await api('GET', '/ResourceTypes')).body.Resources.map(({ id }) => id)).toEqual(['User', 'Group'])
    expect((await api('GET', '/Schemas')).body.totalResults).toBe(2)
    expect((await api('GET', '/Schemas/urn:ietf:params:scim:schemas:core:2.0:User')).body.name).toBe('User')
    expect((await directory('')('GET', '/ServiceProviderConfig')).status).toBe(401)
  })
})
