import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { hostsExport } from '@/server/features/hosts/hosts.export'
import { hostsRouter } from '@/server/features/hosts/hosts.router'
import { tenantResourcesRouter } from '@/server/features/see-as/see-as.router'
import { runRoute } from '@/server/http/route'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import type { ActorName, PersonName } from '@/test/actors'
import { idOf } from '@/test/canary'
import { resourceId, tenantId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

const caller = createCallerFactory(router({ hosts: hostsRouter, tenantResources: tenantResourcesRouter }))

let world: World
beforeAll(async () => {
  world = await createWorld()
})
afterAll(() => world.close())
beforeEach(() => world.restore())

const as = async (name: PersonName) => caller({ op: await world.opOf(name) })
const rowsOf = async (event: string, result = 'ok') => {
  const { rows } = await world.admin.query<{ tenant_id: string; before: unknown; after: unknown }>(
    `select tenant_id, before, after from audit_event where event = $1 and result = $2 and request_id <> '' order by at, id`,
    [event, result],
  )
  return rows
}

describe('what the logs say of hosts', () => {
  it('A00 a host that goes from one tenant to another names neither to the other', async () => {
    const hosts = ['assigned A', 'master private'].map(resourceId)
    await (await as('Mara')).hosts.assign({ ids: hosts, tenantId: tenantId('B') })
    const rows = await rowsOf('host.assign')
    const inLog = (id: string) => rows.filter((row) => row.tenant_id === id)
    expect(inLog(tenantId('A'))).toMatchObject([{ before: { assigned: true }, after: { assigned: false } }])
    expect(JSON.stringify(inLog(tenantId('A')))).not.toContain('Bolt')
    expect(inLog(tenantId('B'))).toHaveLength(2)
    expect(JSON.stringify(inLog(tenantId('B')))).not.toMatch(/Acme|Freehold MSP/)
    expect(inLog(MASTER_TENANT_ID)).toHaveLength(2)
    expect(JSON.stringify(inLog(MASTER_TENANT_ID))).toMatch(/Acme.*Bolt|Bolt.*Acme/)
  })

  it('nobody looks into a tenant unrecorded, also without saying so first (rule 2)', async () => {
    const api = await as('Sam')
    await api.tenantResources.list({ tenantId: tenantId('A') })
    await api.tenantResources.list({ tenantId: tenantId('A') })
    expect((await rowsOf('tenant.drill_in')).map((row) => row.tenant_id).sort()).toEqual(
      [MASTER_TENANT_ID, tenantId('A')].sort(),
    )
  })
})

describe('the list of hosts', () => {
  it('A01 says nothing of which third tenant uses what is granted', async () => {
    const grant = (kind: string) =>
      world.admin.query(
        `insert into access_grant_all (owner_id, tenant_id, kind, role) values ($1, $2, $3, 'viewer')`,
        [MASTER_TENANT_ID, tenantId('A'), kind],
      )
    await grant('host')
    const tom = await as('Tom')
    const ids = (list: { rows: { id: string }[] }) => list.rows.map(({ id }) => id)
    const seen = ids(await tom.hosts.list({ limit: 100 }))
    expect(seen).toContain(resourceId('master private'))
    // All hosts of the master, but for what it assigned to another tenant
    expect(seen).not.toContain(resourceId('assigned B'))
    expect((await tom.hosts.list({ tenantId: tenantId('B') })).rows).toEqual([])
    expect(ids(await tom.hosts.list({ tenantId: tenantId('A'), limit: 100 }))).toContain(
      resourceId('assigned A'),
    )
    expect(ids(await (await as('Mara')).hosts.list({ tenantId: tenantId('B') }))).toContain(
      resourceId('assigned B'),
    )
  })
})

describe('the download', () => {
  const download = (who: ActorName, headers: Record<string, string> = {}) =>
    runRoute(hostsExport, new Request('http://x/api/hosts/export.csv', { headers }), world.factsOf(who), {})

  it('ends when the session does, however slowly it is read', async () => {
    expect(await (await download('Tom')).text()).toContain('\r\n')
    const answer = await download('Tom')
    await world.admin.query('update session set revoked_at = now() where id = $1', [idOf('session Tom')])
    await expect(answer.text()).rejects.toThrow()
  })

  it('is refused with an audit row to who may not (rule 15)', async () => {
    expect((await download('Nora')).status).toBe(403)
    expect((await rowsOf('hosts.export', 'denied')).map((row) => row.tenant_id)).toEqual([tenantId('A')])
  })

  it('takes no other tenant’s name than the host’s (rule 10)', async () => {
    expect((await download('Tom', { 'x-org-id': 'bolt' })).status).toBe(400)
    expect((await download('Tom', { 'x-org-id': 'acme' })).status).toBe(200)
  })
})
