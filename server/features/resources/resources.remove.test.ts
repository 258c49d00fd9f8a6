import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { hostsRouter } from '@/server/features/hosts/hosts.router'
import { resourcesRouter } from '@/server/features/resources/resources.router'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import { type PersonName, PEOPLE } from '@/test/actors'
import { CUSTOMER_ROLE, ORGANIZATION_ROLE, resourceId, tenantId } from '@/test/factories'
import { refusal } from '@/test/refusal'
import { createWorld, type World } from '@/test/world'

const caller = createCallerFactory(router({ hosts: hostsRouter, resources: resourcesRouter }))
const HOST = resourceId('A secret')

let world: World
beforeAll(async () => void (world = await createWorld()))
afterAll(() => world.close())
beforeEach(async () => {
  await world.restore()
  await world.admin.query('update tenant set tenant_role_id = $1 where id = $2', [
    ORGANIZATION_ROLE,
    tenantId('A'),
  ])
})

const as = async (name: PersonName) => caller({ op: await world.opOf(name) })
/** Shares a resource beside the procedures: pending, suspended or ended too. */
const share = async (
  id: string,
  to: string,
  owner: string,
  more: { status?: string; days?: number } = {},
) => {
  await world.admin.query(
    `insert into access_grant (resource_id, kind, name, owner_id, tenant_id, role, expires_at)
     values ($1, '', '', $2, $3, 'editor', now() + make_interval(days => $4))`,
    [id, owner, to, more.days ?? null],
  )
  await world.admin.query('update access_grant set status = $3 where resource_id = $1 and tenant_id = $2', [
    id,
    to,
    more.status ?? 'live',
  ])
}
const logOf = async (tenant: string, event: string, id: string) =>
  (
    await world.admin.query<{
      actor_id: string | null
      actor_name: string
      target_name: string
      ip: string
      before: Record<string, unknown>
      after: Record<string, unknown> | null
    }>(
      `select actor_id, actor_name, target_name, ip, before, after from audit_event
       where tenant_id = $1 and event = $2 and target_id = $3 and result = 'ok'`,
      [tenant, event, id],
    )
  ).rows
const nameOf = async (id: string) =>
  (await world.admin.query<{ name: string }>('select name from resource where id = $1', [id])).rows[0]?.name

describe('removing what is shared', () => {
  it.each(['hosts', 'resources'] as const)(
    'by %s.remove tells its takers in their own log that the share ended, and no more',
    async (way) => {
      await share(HOST, tenantId('B'), tenantId('A'))
      await share(HOST, tenantId('N'), tenantId('A'), { status: 'pending' })
      const name = await nameOf(HOST)
      const ada = await as('Ada')
      await (way === 'hosts'
        ? ada.hosts.remove({ id: HOST })
        : ada.resources.remove({ kind: 'host', id: HOST }))
      const [told, ...more] = await logOf(tenantId('B'), 'grant.revoke', HOST)
      expect(more).toEqual([])
      const line = `Bolt loses Host ${name} (editor)`
      // Acme's people and addresses, what else it shared and with whom are not Bolt's to know.
      expect(told).toEqual({
        actor_id: null,
        actor_name: 'Acme',
        target_name: name,
        ip: '',
        before: { from: 'Acme', role: 'editor', expiresAt: null, status: 'live' },
        after: { from: 'Acme', effects: [line] },
      })
      expect(await logOf(tenantId('N'), 'grant.revoke', HOST)).toMatchObject([
        { before: { from: 'Acme', status: 'pending' }, after: { effects: [] } },
      ])
      const event = way === 'hosts' ? 'host.remove' : 'resource.remove'
      expect(await logOf(tenantId('A'), event, HOST)).toMatchObject([{ after: { effects: [line] } }])
      for (const key of ['B', 'N'] as const) expect(await logOf(tenantId(key), event, HOST)).toEqual([])
    },
  )

  it('names the master only as the provider', async () => {
    const id = resourceId('granted A')
    await (await as('Mara')).hosts.remove({ id })
    expect(await logOf(tenantId('A'), 'grant.revoke', id)).toMatchObject([
      { before: { from: 'Your provider', role: 'viewer' }, after: { from: 'Your provider' } },
    ])
    expect(await logOf(tenantId('B'), 'grant.revoke', id)).toEqual([])
  })

  it('says nothing to who does not see it any more: its name may be another one by now', async () => {
    await share(HOST, tenantId('B'), tenantId('A'), { days: -1 })
    await share(HOST, tenantId('N'), tenantId('A'), { status: 'suspended' })
    await (await as('Ada')).hosts.remove({ id: HOST })
    for (const key of ['B', 'N'] as const)
      expect(await logOf(tenantId(key), 'grant.revoke', HOST)).toEqual([])
    expect((await logOf(tenantId('A'), 'host.remove', HOST))[0]?.after).toBeNull()
  })

  it('says nothing where it is refused', async () => {
    await share(HOST, tenantId('B'), tenantId('A'))
    expect(await refusal((await as('Tom')).hosts.remove({ id: HOST }))).toMatchObject({
      code: 'access_denied',
    })
    expect(await refusal((await as('Bo')).hosts.remove({ id: HOST }))).toMatchObject({
      code: 'access_denied',
    })
    expect(await logOf(tenantId('B'), 'grant.revoke', HOST)).toEqual([])
  })

  it.each(['removed', 'assigned', 'assigned in its form'] as const)(
    '%s, it tells each of a hundred and more once, the last ones after the change itself',
    async (way) => {
      const id = resourceId('master private')
      const { rows } = await world.admin.query<{ id: string }>(
        `insert into tenant (id, slug, name, tenant_role_id)
         select gen_random_uuid(), 'many-' || n, 'Many ' || n, $1 from generate_series(1, 103) n returning id`,
        [CUSTOMER_ROLE],
      )
      for (const one of rows) await share(id, one.id, MASTER_TENANT_ID)
      const mara = await as('Mara')
      const host = { kind: 'host', id }
      if (way === 'removed') await mara.hosts.remove({ id })
      else if (way === 'assigned')
        await mara.resources.assign({ kind: 'host', ids: [id], tenantId: tenantId('A') })
      else {
        const { name, updatedAt } = await mara.resources.get(host)
        await mara.resources.update({ ...host, name, updatedAt, access: { tenantId: tenantId('A') } })
      }
      const event = way === 'removed' ? 'grant.revoke' : 'resource.assign'
      for (const one of rows) {
        const told = await logOf(one.id, event, id)
        expect(told).toHaveLength(1)
        expect(told[0]?.actor_name).toContain(`(${PEOPLE.Mara.username})`)
        expect(told[0]?.after?.effects).toHaveLength(1)
      }
      expect(await logOf(MASTER_TENANT_ID, event, id)).toHaveLength(way === 'removed' ? 0 : 1)
    },
  )
})
