import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { openProvider, plantSource } from '@/server/features/identity/oidc.fixture'
import { Browser } from '@/server/features/sign-in/browser.fixture'
import { dispatch } from '@/server/http/dispatch'
import { listenForChanges } from '@/server/platform/listen'
import {
  ACME,
  created,
  type Directory,
  directory,
  oktaUser,
  openDirectory,
  patch,
  plantConnection,
} from './scim.fixture'

vi.hoisted(() => (process.env.LOG_LEVEL = 'silent'))

const source = randomUUID()
const START = `http://${ACME}/api/sso/oidc/${source}`
let world: Awaited<ReturnType<typeof openDirectory>>
let provider: Awaited<ReturnType<typeof openProvider>>
let listener: { close: () => Promise<void> }
let api: Directory
beforeAll(async () => {
  world = await openDirectory()
  provider = await openProvider([`${START}/callback`])
  listener = await listenForChanges(world.database.adminUrl, world.database.secret)
})
afterAll(async () => {
  await listener.close()
  await provider.close()
  await world.close()
})
beforeEach(async () => {
  await world.reset()
  await world.sql('delete from scim_connection')
  await plantSource(world, world.acme, source, { issuer: provider.issuer, defaultRole: 'editor' })
  const connection = await plantConnection(world, world.acme, {
    sourceId: source,
    roles: [['Everyone', 'viewer']],
  })
  api = directory(connection.token)
})

const byProvider = async (who: { sub: string; preferred_username: string }) => {
  provider.state.who = { name: 'Somebody Else', groups: [], email: 'other@acme.example', ...who }
  const b = new Browser(dispatch)
  const to = (await b.get(`${START}/start`)).headers.get('location') ?? ''
  const back = await b.get(await provider.passThrough(to))
  return { b, to: back.headers.get('location') ?? '' }
}

describe('people of a connection that names an identity source', () => {
  it('are found at their first sign-in by externalId, with the name and roles of the directory', async () => {
    const lea = await created(api, oktaUser('lea', { externalId: '00u1' }))
    await api('POST', '/Groups', { displayName: 'Everyone', members: [{ value: lea.id }] })
    expect(await world.sql('select 1 from user_credential where user_id = $1', [lea.id])).toEqual([])
    const { b } = await byProvider({ sub: '00u1', preferred_username: 'somebody' })
    const me = await b.call<{ username: string }>(`http://${ACME}`, 'account.me')
    expect([me.status, me.data.username]).toEqual([200, 'lea'])
    // the provider proves who they are; it gives no role and no name
    expect(await world.rolesOf(lea.id)).toEqual(['viewer'])
    expect((await api('GET', `/Users/${lea.id}`)).body).toMatchObject({
      displayName: 'Lea Lind',
      userName: 'lea',
    })
    await api('PATCH', `/Users/${lea.id}`, patch({ op: 'replace', path: 'active', value: false }))
    expect(await world.isIn(b)).toBe(false)
    expect((await byProvider({ sub: '00u1', preferred_username: 'lea' })).to).toMatch('problem=sso')
  })

  it('C09 are linked to nobody else: who signed in before keeps their subject, and an old subject ends with its sessions', async () => {
    const first = await byProvider({ sub: '00u9', preferred_username: 'max' })
    expect(await world.isIn(first.b)).toBe(true)
    const clash = await api('POST', '/Users', oktaUser('max2', { externalId: '00u9' }))
    expect([clash.status, clash.body.scimType]).toEqual([409, 'uniqueness'])
    expect(await world.sql(`select 1 from user_account where username = 'max2'`)).toEqual([])
    expect((await api('POST', '/Users', oktaUser('max', { externalId: '00u8' }))).status).toBe(409)

    const lea = await created(api, oktaUser('lea', { externalId: '00u1' }))
    const { b } = await byProvider({ sub: '00u1', preferred_username: 'lea' })
    expect(await world.isIn(b)).toBe(true)
    const moved = await api(
      'PATCH',
      `/Users/${lea.id}`,
      patch({ op: 'replace', path: 'externalId', value: '00u2' }),
    )
    expect(moved.body.externalId).toBe('00u2')
    expect(await world.isIn(b)).toBe(false)
    expect(await world.isIn((await byProvider({ sub: '00u2', preferred_username: 'lea' })).b)).toBe(true)
    expect((await byProvider({ sub: '00u1', preferred_username: 'lea' })).to).toMatch('problem=sso-taken')
  })

  it('lose a live page within a second of being deactivated', async () => {
    const lea = await created(api, oktaUser('lea', { externalId: '00u1' }))
    await api('POST', '/Groups', { displayName: 'Everyone', members: [{ value: lea.id }] })
    const { b } = await byProvider({ sub: '00u1', preferred_username: 'lea' })
    const live = await b.get(`http://${ACME}/api/events`)
    expect(live.status).toBe(200)
    const over = live.text()
    const from = Date.now()
    await api('PATCH', `/Users/${lea.id}`, patch({ op: 'replace', path: 'active', value: 'False' }))
    await over
    expect(Date.now() - from).toBeLessThan(1000)
  })
})
