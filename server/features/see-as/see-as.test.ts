import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { hostsRouter } from '@/server/features/hosts/hosts.router'
import { tenantResourcesRouter } from '@/server/features/see-as/see-as.router'
import { appRouter } from '@/server/router'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import { errorBody } from '@/server/rpc/errors'
import type { PersonName } from '@/test/actors'
import { idOf } from '@/test/canary'
import { resourceId, tenantId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

const caller = createCallerFactory(router({ hosts: hostsRouter, tenantResources: tenantResourcesRouter }))
const NOBODYS = '7c9e6679-7425-40de-944b-e07fc1f90ae7'

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())
beforeEach(() => world.restore())

const as = async (name: PersonName) => caller({ op: await world.opOf(name) })
const problem = async (call: Promise<unknown>) => {
  const error: unknown = await call.then(
    () => null,
    (e: unknown) => e,
  )
  const { status, error: code, message, fields } = errorBody(error)
  return { status, code, message, fields }
}
const names = (list: { rows: { id: string }[] }) => list.rows.map(({ id }) => id).sort()
const logged = (event: string) =>
  world.admin
    .query<{ tenant_id: string }>(
      `select tenant_id from audit_event where event = $1 and result = 'ok' and request_id <> '' order by tenant_id`,
      [event],
    )
    .then((r) => r.rows.map(({ tenant_id }) => tenant_id))

describe('the drill-in', () => {
  it('shows what the tenant sees, and stands in both logs, once a minute', async () => {
    const api = await as('Mara')
    expect(await api.tenantResources.open({ tenantId: tenantId('A') })).toEqual({ recorded: true })
    expect(await api.tenantResources.open({ tenantId: tenantId('A') })).toEqual({ recorded: false })
    expect(await logged('tenant.drill_in')).toEqual([MASTER_TENANT_ID, tenantId('A')].sort())
    const { rows, tenant, total } = await api.tenantResources.list({ tenantId: tenantId('A'), limit: 100 })
    expect(tenant.name).toBe('Acme')
    const seen = await (await as('Tom')).hosts.list({ limit: 100 })
    expect(names({ rows: rows.filter((r) => r.kind === 'host') })).toEqual(names(seen))
    expect(total).toBe(rows.length)
    expect(rows.find(({ id }) => id === resourceId('granted A'))).toMatchObject({
      through: 'granted',
      kindLabel: 'Host',
    })
    const first = await api.tenantResources.list({ tenantId: tenantId('A'), limit: 2 })
    const second = await api.tenantResources.list({
      tenantId: tenantId('A'),
      limit: 2,
      cursor: first.nextCursor,
    })
    expect([...first.rows, ...second.rows]).toEqual(rows.slice(0, 4))
    expect(
      await problem(
        api.tenantResources.list({ tenantId: tenantId('B'), limit: 2, cursor: first.nextCursor }),
      ),
    ).toMatchObject({ status: 400 })
  })

  it('is open for a disabled tenant, not for a deleted or unknown one, nor for tenants', async () => {
    const api = await as('Mara')
    expect((await api.tenantResources.list({ tenantId: tenantId('C') })).total).toBeGreaterThan(2)
    for (const id of [tenantId('E'), NOBODYS, MASTER_TENANT_ID]) {
      expect(await problem(api.tenantResources.list({ tenantId: id }))).toMatchObject({ status: 404 })
      expect(await problem(api.tenantResources.open({ tenantId: id }))).toMatchObject({ status: 404 })
    }
    expect(await problem((await as('Ada')).tenantResources.list({ tenantId: tenantId('A') }))).toMatchObject({
      status: 403,
    })
  })
})

describe('see as tenant', () => {
  const all = createCallerFactory(appRouter)
  const everything = async (name: PersonName) => all({ op: await world.opOf(name) })

  it('shows of each kind exactly what the tenant’s own people see, as a whole and with a role', async () => {
    const mara = await everything('Mara')
    const asTenant = { tenantId: tenantId('A') }
    const { kinds, roles } = await mara.tenantResources.overview(asTenant)
    const viewer = roles.find(({ name }) => name === 'Viewer')?.id
    expect(roles.map(({ id }) => id)).not.toContain(idOf('role B 1'))
    for (const { kind, total } of kinds) {
      for (const [who, roleId] of [
        ['Ada', undefined],
        ['Tom', viewer],
      ] as const) {
        const own = await (await everything(who)).resources.list({ kind, limit: 100 })
        const seen = await mara.tenantResources.list({ ...asTenant, kind, roleId, limit: 100 })
        expect([kind, names(seen), seen.total]).toEqual([kind, names(own), total])
      }
    }
    expect(kinds.reduce((sum, { total }) => sum + total, 0)).toBeGreaterThan(8)
  })

  it('shows nothing through a role that gives nothing, and knows no role of another tenant', async () => {
    const mara = await everything('Mara')
    const asTenant = { tenantId: tenantId('A') }
    const nothing = await mara.tenantResources.list({ ...asTenant, roleId: idOf('role A 1') })
    expect(nothing.total).toBe(0)
    expect(await problem(mara.tenantResources.list({ ...asTenant, roleId: idOf('role B 1') }))).toMatchObject(
      {
        status: 404,
      },
    )
  })

  it('shows one thing with what its people could do, and not what the tenant does not see', async () => {
    const mara = await everything('Mara')
    const asTenant = { tenantId: tenantId('A') }
    const could = async (label: string) =>
      Object.fromEntries(
        (await mara.tenantResources.get({ ...asTenant, id: resourceId(label) })).could.map(
          ({ role, verbs }) => [role, verbs],
        ),
      )
    expect(await could('A web')).toMatchObject({ Owner: ['see', 'act', 'edit', 'delete'], Viewer: ['see'] })
    expect(await could('assigned A')).toMatchObject({ Owner: ['see', 'act'], Viewer: ['see'] })
    for (const label of ['B web', 'assigned B', 'master private'])
      expect(await problem(mara.tenantResources.get({ ...asTenant, id: resourceId(label) }))).toMatchObject({
        status: 404,
      })
    expect(await logged('tenant.drill_in')).toEqual([MASTER_TENANT_ID, tenantId('A')].sort())
  })
})
