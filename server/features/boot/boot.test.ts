import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { bootAddress } from '@/server/features/boot/boot-address'
import { bootRouter } from '@/server/features/boot/boot.router'
import { resourcesRouter } from '@/server/features/resources/resources.router'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import { errorBody } from '@/server/rpc/errors'
import { ask } from '@/server/sweep/call'
import type { ActorName, PersonName } from '@/test/actors'
import { resourceId, tenantId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

const caller = createCallerFactory(router({ boot: bootRouter, resources: resourcesRouter }))
const HOUR = 3600

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())
beforeEach(() => world.restore())

const as = async (name: PersonName) => caller({ op: await world.opOf(name) })
const statusOf = async (call: Promise<unknown>) =>
  call.then(
    () => 200,
    (error: unknown) => errorBody(error).status,
  )
/** Asks for an address as nobody, on the host of this person's tenant. */
const open = (url: string, on: ActorName = 'nobody') => {
  const { pathname, search } = new URL(url)
  return ask(world, on, pathname + search, {}, { cookie: null })
}
const environment = async (who: PersonName, params: Record<string, string> = { console: 'tty0' }) =>
  (
    await (
      await as(who)
    ).resources.create({
      kind: 'boot_environment',
      name: 'installer',
      spec: { kernel: 'https://x.example/k', arguments: 'console={{console}} rack={{rack}}', params },
    })
  ).id
const machine = async (who: PersonName, boots: string, params: Record<string, string> = {}) =>
  (
    await (
      await as(who)
    ).resources.create({
      kind: 'bare_metal',
      name: 'node-1',
      spec: { params },
      refs: [{ field: 'bootEnvironment', ids: [boots] }],
    })
  ).id

describe('a signed boot address', () => {
  it('renders the script for whoever has it; for a machine with its parameters', async () => {
    const id = await environment('Ada')
    const { url, expiresAt } = await (await as('Tom')).boot.address({ id })
    expect(url).toMatch(/^http:\/\/acme\.localhost:3000\/api\/boot\/[0-9a-f-]{36}\?exp=\d+&sig=[0-9a-f]{64}$/)
    expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(29 * 24 * HOUR * 1000)
    const answer = await open(url)
    expect(answer.headers).toContain('content-type: text/plain')
    expect([answer.status, answer.text]).toEqual([
      200,
      '#!ipxe\n# installer\nkernel https://x.example/k console=tty0 rack=\nboot\n',
    ])
    const node = await machine('Ada', id, { rack: '5', console: 'ttyS1' })
    const own = await (await as('Tom')).boot.address({ id, machineId: node })
    expect((await open(own.url)).text).toContain('kernel https://x.example/k console=ttyS1 rack=5\n')
    const { rows } = await world.admin.query(
      `select tenant_id from audit_event where event = 'boot_environment.address' and target_id = $1`,
      [id],
    )
    expect(rows).toEqual([{ tenant_id: tenantId('A') }, { tenant_id: tenantId('A') }])
  })

  it('A17 is worth nothing changed, for another environment, machine or tenant, or after its time', async () => {
    const [id, other] = [await environment('Ada'), await environment('Ada')]
    const node = await machine('Ada', id)
    const { url } = await (await as('Ada')).boot.address({ id })
    const gone = await open(`http://acme.localhost:3000/api/boot/${other}?exp=1&sig=x`)
    expect(gone.status).toBe(404)
    const changed = (change: (at: URL) => void) => {
      const at = new URL(url)
      change(at)
      return at.href
    }
    const refused = [
      url.replace(id, other),
      url.replace(id, resourceId('A web')),
      changed((at) => at.searchParams.set('exp', String(Number(at.searchParams.get('exp')) + 1))),
      changed((at) => at.searchParams.set('sig', '0'.repeat(64))),
      changed((at) => at.searchParams.set('machine', node)),
      changed((at) => at.searchParams.delete('sig')),
      changed((at) => at.searchParams.set('extra', '1')),
      url.replace(id, 'x'),
      bootAddress({
        slug: 'acme',
        environment: id,
        machine: null,
        expires: Math.floor(Date.now() / 1000) - 1,
      }),
    ]
    for (const one of refused) expect([one, await open(one)]).toEqual([one, gone])
    for (const on of ['Bo', 'Mara'] as const) expect((await open(url, on)).status).toBe(404)
    expect((await open(url)).status).toBe(200)
  })

  it('A17 ends when the tenant may not use the environment any more, and comes back with it', async () => {
    const mara = await as('Mara')
    const id = await environment('Mara')
    const set = (visibility: 'public' | 'private') =>
      mara.resources.setVisibility({ kind: 'boot_environment', ids: [id], visibility })
    await set('public')
    const { url } = await (await as('Ada')).boot.address({ id })
    const masters = (await mara.boot.address({ id })).url
    expect([(await open(url)).status, (await open(masters, 'Mara')).status]).toEqual([200, 200])
    await set('private')
    expect([(await open(url)).status, (await open(masters, 'Mara')).status]).toEqual([404, 200])
    // Used by Acme now, and not by the master that gave it away (rule 2).
    await mara.resources.assign({ kind: 'boot_environment', ids: [id], tenantId: tenantId('A') })
    expect([(await open(url)).status, (await open(masters, 'Mara')).status]).toEqual([200, 404])
    expect(await statusOf(mara.boot.address({ id }))).toBe(403)
    await world.admin.query(`update tenant set status = 'disabled' where id = $1`, [tenantId('A')])
    expect((await open(url)).status).toBe(404)
    await world.admin.query(`update tenant set status = 'active' where id = $1`, [tenantId('A')])
    await mara.resources.assign({ kind: 'boot_environment', ids: [id], tenantId: MASTER_TENANT_ID })
    await mara.resources.remove({ kind: 'boot_environment', id })
    expect((await open(masters, 'Mara')).status).toBe(404)
  })

  it('is made of what one sees only, and for a machine that boots it', async () => {
    const [id, other] = [await environment('Ada'), await environment('Ada')]
    const node = await machine('Ada', other)
    expect(await statusOf((await as('Bo')).boot.address({ id }))).toBe(404)
    expect(await statusOf((await as('Nora')).boot.address({ id }))).toBe(403)
    expect(await statusOf((await as('Ada')).boot.address({ id, machineId: node }))).toBe(409)
    const theirs = await environment('Bo')
    const foreign = await machine('Bo', theirs)
    expect(await statusOf((await as('Ada')).boot.address({ id, machineId: foreign }))).toBe(404)
    expect(await statusOf((await as('Ada')).boot.address({ id: other, machineId: node }))).toBe(200)
  })
})
