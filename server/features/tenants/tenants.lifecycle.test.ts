import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import { tenantUsersRouter } from '@/server/features/users/tenant-users.router'
import { usersRouter } from '@/server/features/users/users.router'
import type { PersonName } from '@/test/actors'
import { hostsRouter } from '@/server/features/hosts/hosts.router'
import { agentsOf } from '@/test/agent'
import { CUSTOMER_ROLE, enrolmentToken, resourceId, tenantId, VIEWER_ROLE } from '@/test/factories'
import { refusal } from '@/test/refusal'
import { createWorld, type World } from '@/test/world'
import { tenantsRouter } from './tenants.router'

const factory = createCallerFactory(
  router({ tenants: tenantsRouter, hosts: hostsRouter, users: usersRouter, tenantUsers: tenantUsersRouter }),
)
let world: World
beforeAll(async () => void (world = await createWorld()))
beforeEach(() => world.restore())
afterAll(() => world.close())

const api = async (name: PersonName) => factory({ op: await world.opOf(name) })
const acme = tenantId('A')

const inventory = ({ machine_id }: { machine_id: string }) => ({
  seq: 1,
  machine_id,
  revision: '0'.repeat(16),
})
const newTenant = (more: Record<string, unknown> = {}) => ({
  name: 'Zeta',
  slug: 'zeta',
  tenantRoleId: CUSTOMER_ROLE,
  currency: 'EUR',
  ...more,
})
const events = async (tenant: string, event: string) => {
  const { rows } = await world.admin.query<{
    actor_name: string
    target_id: string
    reason: string
    after: Record<string, unknown>
  }>(
    "select actor_name, target_id, reason, after from audit_event where tenant_id = $1 and event = $2 and result = 'ok' order by at",
    [tenant, event],
  )
  return rows
}
/** Subjects of notices to each of those who administer the master. */
const notices = async () => {
  const read = `select subject from mail_message where tenant_id = $1 and kind = 'notice' and to_address = 'mara@msp.example' order by subject`
  return (await world.admin.query<{ subject: string }>(read, [MASTER_TENANT_ID])).rows.map(
    ({ subject }) => subject,
  )
}
const endLicence = () => world.admin.query("update licence set expires_at = now() - interval '1 minute'")

describe('the licence gates growth, never sight (rule 14)', () => {
  test('after its end', async () => {
    await world.admin.query("update tenant set status = 'disabled' where id = $1", [tenantId('N')])
    await endLicence()
    const as = await api('Mara')
    const growth = [
      as.tenants.create(newTenant()),
      as.tenants.enable({ id: tenantId('C') }),
      as.tenants.enableMany({ ids: [tenantId('N')] }),
      as.tenants.restore({ id: tenantId('E') }),
    ]
    for (const result of await Promise.all(growth.map(refusal)))
      expect(result).toMatchObject({ code: 'license_required' })
    const { rows } = await as.tenants.list({ status: ['disabled', 'deleted'] })
    for (const row of rows) expect(row.can).toMatchObject({ enable: false, restore: false })
    await as.tenants.disable({ id: acme, reason: 'late' })
    await as.tenants.delete({ id: tenantId('B'), confirmName: 'Bolt' })
  })

  test('turned off: 501; never licensed: 402', async () => {
    await world.admin.query("update licence set capabilities = '{}'")
    expect(await refusal((await api('Mara')).tenants.list({}))).toMatchObject({ code: 'license_required' })
    await world.admin.query('update installation set multi_tenant_enabled = false')
    expect(await refusal((await api('Mara')).tenants.list({}))).toMatchObject({ code: 'feature_disabled' })
  })
})

describe('disabling', () => {
  test('puts its people out at once, and lets them in again', async () => {
    const mara = await api('Mara')
    const ada = await api('Ada')
    await mara.tenants.disable({ id: acme, reason: 'Unpaid bills' })
    expect((await world.opOf('Ada')).actor).toBeNull()
    expect(
      await refusal(ada.users.create({ username: 'new', email: 'n@x.example', roleIds: [VIEWER_ROLE] })),
    ).toMatchObject({
      code: 'unauthenticated',
    })
    expect(await mara.tenants.get({ id: acme })).toMatchObject({
      status: 'disabled',
      statusReason: 'Unpaid bills',
      totalUsers: 6,
    })
    expect(await events(acme, 'tenant.disable')).toMatchObject([
      { reason: 'Unpaid bills', after: { status: 'disabled' } },
    ])
    expect(await refusal(mara.tenants.disable({ id: acme, reason: 'again' }))).toMatchObject({
      code: 'conflict',
    })
    await mara.tenants.enable({ id: acme })
    expect(await mara.tenants.get({ id: acme })).toMatchObject({ status: 'active', statusReason: '' })
    expect((await world.opOf('Ada')).actor).toBeNull() // signs in again: the old session stays ended
    expect(await refusal(mara.tenants.enable({ id: acme }))).toMatchObject({ code: 'conflict' })
  })

  test('is refused for the master, for unknown ones and without a reason', async () => {
    const mara = await api('Mara')
    expect(await refusal(mara.tenants.disable({ id: MASTER_TENANT_ID, reason: 'x' }))).toMatchObject({
      message: 'The master tenant is never disabled',
    })
    expect(
      await refusal(mara.tenants.delete({ id: MASTER_TENANT_ID, confirmName: 'Freehold MSP' })),
    ).toMatchObject({ code: 'conflict' })
    expect(await refusal(mara.tenants.disable({ id: VIEWER_ROLE, reason: 'x' }))).toMatchObject({
      code: 'not_found',
    })
    expect((await refusal(mara.tenants.disable({ id: acme, reason: ' ' }))).code).toMatch(/Zod/)
  })

  test('waits for writes under way, and none comes after it', async () => {
    const ada = await api('Ada')
    const mara = await api('Mara')
    const writes = Array.from({ length: 12 }, (_, i) =>
      ada.users.create({ username: `racer${i}`, email: 'r@x.example', roleIds: [VIEWER_ROLE] }).then(
        () => 'done',
        (error: unknown) => ((error as Error).cause as { code?: string }).code ?? String(error),
      ),
    )
    await Promise.race(writes)
    await mara.tenants.disable({ id: acme, reason: 'now' })
    const count = async () => (await mara.tenants.get({ id: acme })).totalUsers
    const then = await count()
    const results = await Promise.all(writes)
    expect(await count()).toBe(then)
    expect(results.filter((result) => result === 'done')).toHaveLength(then - 6)
    expect(new Set(results.filter((result) => result !== 'done'))).toEqual(new Set(['unauthenticated']))
  })

  test('works on many with one reason, and says which it did not fit', async () => {
    const mara = await api('Mara')
    const ids = [acme, tenantId('C'), MASTER_TENANT_ID]
    const results = await mara.tenants.disableMany({ ids, reason: 'Move' })
    expect(results.map(({ name, ok }) => [name, ok])).toEqual([
      ['Acme', true],
      ['Closed', false],
      ['Freehold MSP', false],
    ])
    expect(results[1]?.why).toBe('This tenant is disabled already')
    expect(await events(acme, 'tenant.disable')).toHaveLength(1)
    expect((await mara.tenants.enableMany({ ids: [acme, tenantId('C')] })).every(({ ok }) => ok)).toBe(true)
    expect(
      await refusal(mara.tenants.disableMany({ ids: [tenantId('B'), VIEWER_ROLE], reason: 'x' })),
    ).toMatchObject({ code: 'not_found' })
    expect(await mara.tenants.get({ id: tenantId('B') })).toMatchObject({ status: 'active' })
    expect(await refusal(mara.tenants.enableMany({ ids: [acme] }))).toMatchObject({ code: 'conflict' })
  })
})

describe('deleting', () => {
  test('names all that dies, first', async () => {
    const plan = await (await api('Mara')).tenants.deletionPlan({ id: acme })
    expect(plan).toMatchObject({
      users: { total: 6 },
      owned: [
        { kind: 'boot_environment', total: 1 },
        { kind: 'host', total: 3 },
        { kind: 'profile', total: 1 },
      ],
      returned: [{ kind: 'host', total: 2 }],
      roles: 3,
      groups: 2,
      sharesOut: 2,
      sharesIn: 4,
      agents: 3,
    })
    expect(plan.users.names).toHaveLength(6)
    expect(plan.users.names.join()).toContain('(tom)')
    expect(plan.owned[1]?.names).toContain('web-01')
    expect(plan.sessions).toBeGreaterThan(0)
    expect(plan.enrolmentTokens).toBeGreaterThan(0)
  })

  test('takes the typed name, frees nothing, and gives the master its hosts back', async () => {
    const mara = await api('Mara')
    expect(await refusal(mara.tenants.delete({ id: acme, confirmName: 'acme' }))).toHaveProperty(
      'confirmName',
    )
    await mara.tenants.delete({ id: acme, confirmName: 'Acme' })
    expect((await world.opOf('Ada')).actor).toBeNull()
    const { rows } = await world.admin.query(
      'select assigned_id from resource where assigned_id = $1 and owner_id <> $1',
      [acme],
    )
    expect(rows).toEqual([])
    expect(await mara.tenants.get({ id: acme })).toMatchObject({ status: 'deleted', totalInstances: 3 })
    const hostsReturned = { total: 2, names: [expect.any(String), expect.any(String)] }
    for (const log of [acme, MASTER_TENANT_ID])
      expect(await events(log, 'tenant.delete')).toMatchObject([
        { after: { resourcesReturned: 2, hostsReturned } },
      ])
    expect(await notices()).toEqual(['2 hosts came back from Acme'])
    expect(await refusal(mara.tenants.create(newTenant({ name: 'Acme', slug: 'acme' })))).toHaveProperty(
      'slug',
    )
    expect(await refusal(mara.tenants.delete({ id: acme, confirmName: 'Acme' }))).toMatchObject({
      code: 'conflict',
    })
    const user = { username: 'x', email: 'x@x.example', roleIds: [VIEWER_ROLE] }
    expect(await refusal(mara.tenantUsers.create({ tenantId: acme, ...user }))).toMatchObject({
      code: 'conflict',
    })
  })

  test('can be taken back within 30 days', async () => {
    const mara = await api('Mara')
    await mara.tenants.delete({ id: acme, confirmName: 'Acme' })
    await mara.tenants.create(newTenant({ name: 'Acme' }))
    expect(await refusal(mara.tenants.restore({ id: acme }))).toHaveProperty('name')
    await mara.tenants.restore({ id: acme, name: 'Acme again' })
    expect(await mara.tenants.get({ id: acme })).toMatchObject({
      name: 'Acme again',
      status: 'active',
      purgeAfter: null,
      totalUsers: 6,
    })
    expect(await refusal(mara.tenants.restore({ id: acme }))).toMatchObject({ code: 'conflict' })
    const { rows } = await world.admin.query("select 1 from slug_rest where slug = 'acme'")
    expect(rows).toEqual([])
    await mara.tenants.delete({ id: tenantId('C'), confirmName: 'Closed' })
    await mara.tenants.restore({ id: tenantId('C') })
    expect(await mara.tenants.get({ id: tenantId('C') })).toMatchObject({ status: 'disabled' })
    await mara.tenants.delete({ id: acme, confirmName: 'Acme again' })
    await world.admin.query("update tenant set purge_after = now() - interval '1 second' where id = $1", [
      acme,
    ])
    expect(await refusal(mara.tenants.restore({ id: acme }))).toMatchObject({ code: 'conflict' })
  })

  test('G20 tells its agents to uninstall, each once and with its row in the log before, and shows what became of them', async () => {
    const agents = agentsOf(world)
    const [obeys, waits] = [await agents.enrolled(), await agents.enrolled()]
    const report = (one: typeof obeys, seq: number) =>
      agents.post('report', one.credential, { ...one.said, seq })
    const mara = await api('Mara')
    expect(await refusal(mara.tenants.agents({ id: acme }))).toMatchObject({ code: 'conflict' })
    expect((await report(obeys, 1)).lines).toEqual(['interval 30'])
    await mara.tenants.delete({ id: acme, confirmName: 'Acme' })
    // What cannot be written down is not ordered.
    const rule = `add constraint no_order check (event <> 'host.agent_told') not valid`
    await world.admin.query(`alter table audit_event ${rule}`)
    expect(await report(obeys, 2).then(({ text }) => text, String)).not.toMatch(/^uninstall$/m)
    await world.admin.query('alter table audit_event drop constraint no_order')
    expect(await agents.audited('host.agent_told', obeys.host)).toEqual([])
    for (const seq of [3, 4]) expect((await report(obeys, seq)).lines).toEqual(['uninstall'])
    expect(await agents.audited('host.agent_told', obeys.host)).toEqual([acme])
    expect((await agents.post('goodbye', waits.credential, '{}')).status).toBe(401) // was not told
    expect((await agents.post('inventory', waits.credential, inventory(waits.said))).lines).toEqual([
      'uninstall',
    ])
    expect((await agents.post('goodbye', obeys.credential, '{}')).lines).toEqual(['bye'])
    expect((await report(obeys, 5)).status).toBe(401)
    const list = await mara.tenants.agents({ id: acme })
    expect(list).toMatchObject({ total: 5, told: 2, gone: 1 })
    const stateOf = (host: string) => list.rows.find(({ id }) => id === host)?.state
    expect([stateOf(obeys.host), stateOf(waits.host), stateOf(resourceId('A web'))]).toEqual([
      'gone',
      'told',
      'silent',
    ])
    expect(await agents.audited('host.agent_removed', obeys.host)).toEqual([acme])
    const page = await mara.tenants.agents({ id: acme, limit: 2 })
    const rest = await mara.tenants.agents({ id: acme, limit: 100, cursor: page.nextCursor })
    expect([...page.rows, ...rest.rows].map(({ id }) => id)).toEqual(list.rows.map(({ id }) => id))

    // Back again: a told one is to be enrolled anew, which makes it the same host as before.
    await mara.tenants.restore({ id: acme })
    await world.admin.query('update session set revoked_at = null where tenant_id = $1', [acme])
    const ada = factory({ op: await world.opOf('Ada') })
    expect((await ada.hosts.get({ id: obeys.host })).agentGoneSince).not.toBeNull()
    expect((await ada.hosts.get({ id: resourceId('A web') })).agentGoneSince).toBeNull()
    expect((await agents.enrolled({ machine_id: obeys.said.machine_id })).host).toBe(obeys.host)
    expect((await ada.hosts.get({ id: obeys.host })).agentGoneSince).toBeNull()
  })

  test('a dedicated host comes back with its agent, which is not told to go, and those who administer the master hear of it', async () => {
    const agents = agentsOf(world)
    const { host, credential, said } = await agents.enrolled({}, enrolmentToken('M', 1))
    const mara = await api('Mara')
    const assign = (to: string) => mara.hosts.assign({ ids: [host], tenantId: to })
    await assign(tenantId('B'))
    await mara.tenants.delete({ id: tenantId('B'), confirmName: 'Bolt' })
    expect(await notices()).toEqual(['2 hosts came back from Bolt'])
    expect((await agents.post('report', credential, { ...said, seq: 1 })).lines).toEqual(['interval 30'])
    await assign(acme)
    await assign(MASTER_TENANT_ID)
    expect(await notices()).toContain('1 host came back from Acme')
    for (const log of [acme, MASTER_TENANT_ID])
      expect((await events(log, 'host.assign')).map((row) => row.target_id)).toEqual(
        log === acme ? [host, host] : [host, host, host],
      )
    await assign(MASTER_TENANT_ID) // it is there already
    expect(await notices()).toHaveLength(2)
  })
})
