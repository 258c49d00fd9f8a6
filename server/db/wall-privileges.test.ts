import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import type { TenantKey } from '@/test/actors'
import { type Grant, readCatalogue } from '@/test/catalogue'
import { tenantId, userId } from '@/test/factories'
import { type WallSql, wallSql } from '@/test/wall-sql'
import { createWorld, type World } from '@/test/world'

type Serving = 'tenant' | 'master' | 'union'

/** The roles as they sign in, with SQL of the attacker's choice: what the wall holds when the application is gone. */
describe('the privileges of the wall’s own roles', () => {
  let world: World
  let wall: WallSql
  let grants: Grant[]
  beforeAll(async () => {
    world = await createWorld()
    wall = wallSql(world)
    grants = (await readCatalogue(world.admin)).grants
  })
  afterAll(async () => {
    await wall.close()
    await world.close()
  })
  const as: WallSql['as'] = (...args) => wall.as(...args)
  const sign: WallSql['sign'] = (...args) => wall.sign(...args)
  const tablesOf = (role: Serving, privilege: string) => [
    ...new Set(
      grants
        .filter((g) => g.grantee === `freehold_${role}` && g.privilege === privilege && g.schema === 'public')
        .map((g) => g.table),
    ),
  ]
  describe('privileges', () => {
    it.each([
      `update resource set owner_id = '${MASTER_TENANT_ID}'`,
      `update resource set assigned_id = owner_id`,
      `update resource set visibility = 'public'`,
      `update resource set cloud_id = null`,
      `update tenant set name = 'x'`,
      `update user_account set home_tenant_id = '${MASTER_TENANT_ID}'`,
      `update user_account set parent_level = true`,
      `update enrolment_token set max_uses = 10000`,
      `update session set idle_expires_at = now()`,
      `select password_hash from user_credential`,
      `select * from user_credential`,
      `select token_hash from session`,
      `select token_hash from enrolment_token`,
      `select * from agent_credential`,
      `select * from sign_in_code`,
      `select * from installation`,
      `select * from licence`,
      `select * from wall.ctx_key`,
      `insert into membership (id, tenant_id, user_id, created_at) select id from wall.ctx_key`,
      `truncate resource`,
      `create table public.mine (n int)`,
      `create table wall.mine (n int)`,
      `alter table resource disable row level security`,
      `drop policy resource_select_tenant on resource`,
      `set role freehold_master`,
      `set role freehold_definer`,
      `set session authorization postgres`,
      `copy resource to '/tmp/x'`,
      `select pg_read_file('/etc/passwd')`,
    ])('K06 a tenant may not: %s', async (statement) => {
      await expect(as('tenant', sign('A'), statement)).rejects.toMatchObject({
        code: expect.stringMatching(/^(42501|42601|0LP01|42710)$/),
      })
    })

    it('L01 the log is append-only for every role, and written by its function only', async () => {
      for (const role of ['tenant', 'master'] as const) {
        const context = sign(role === 'master' ? 'M' : 'A')
        for (const table of ['audit_event', 'audit_seal']) {
          await expect(as(role, context, `update ${table} set tenant_id = tenant_id`)).rejects.toMatchObject({
            code: '42501',
          })
          await expect(as(role, context, `delete from ${table}`)).rejects.toMatchObject({ code: '42501' })
        }
        await expect(
          as(
            role,
            context,
            `insert into audit_event (tenant_id, actor_name, event) values ('${tenantId('A')}', 'x', 'x')`,
          ),
        ).rejects.toMatchObject({ code: '42501' })
      }
      await expect(world.admin.query(`delete from audit_event`)).rejects.toMatchObject({ code: '42501' })
    })

    it('K06 the system role reads no table', async () => {
      for (const table of tablesOf('tenant', 'SELECT'))
        await expect(as('system', sign('A'), `select 1 from ${table}`)).rejects.toMatchObject({
          code: '42501',
        })
    })
  })

  describe('K04 the functions that cross tenants, abused', () => {
    const event = `'{"event":"forged"}'::jsonb`
    it.each<[string, Serving, TenantKey, string]>([
      [
        'audit_write into a foreign log',
        'tenant',
        'A',
        `select wall.audit_write(array['${tenantId('B')}']::uuid[], ${event})`,
      ],
      [
        'audit_write into own and foreign',
        'tenant',
        'A',
        `select wall.audit_write(array['${tenantId('A')}', '${tenantId('B')}']::uuid[], ${event})`,
      ],
      [
        'audit_write into the master’s log',
        'tenant',
        'A',
        `select wall.audit_write(array['${MASTER_TENANT_ID}']::uuid[], ${event})`,
      ],
      [
        'user_sessions_end of a foreign user',
        'tenant',
        'A',
        `select wall.user_sessions_end('${userId('Bo')}')`,
      ],
      [
        'tenant_totals from a tenant',
        'tenant',
        'A',
        `select * from wall.tenant_totals(array['${tenantId('B')}']::uuid[])`,
      ],
      [
        'tenant_sessions_end from a tenant',
        'tenant',
        'A',
        `select wall.tenant_sessions_end('${tenantId('B')}')`,
      ],
      [
        'tenant_sessions_end as master role in a tenant',
        'master',
        'A',
        `select wall.tenant_sessions_end('${tenantId('B')}')`,
      ],
      ['setup_code', 'tenant', 'A', `select wall.setup_code('\\x00')`],
      [
        'session_create',
        'tenant',
        'A',
        `select wall.session_create('${tenantId('B')}', '${userId('Bo')}', '\\x00', '', '', '')`,
      ],
      ['audit_system', 'tenant', 'A', `select wall.audit_system('${tenantId('B')}', null, 'x', ${event})`],
      [
        'audit_insert',
        'tenant',
        'A',
        `select wall.audit_insert(array['${tenantId('B')}']::uuid[], null, 'x', null, ${event})`,
      ],
      ['agent_report', 'tenant', 'A', `select * from wall.agent_report('\\x00', 1, 'x', 'x', '{}', '\\x00')`],
    ])('%s', async (_what, role, tenant, statement) => {
      const before = await world.state()
      await expect(as(role, sign(tenant, { userId: userId('Ada') }), statement)).rejects.toMatchObject({
        code: '42501',
      })
      expect(await world.state()).toEqual(before)
    })

    it('tenant_totals as master role under a tenant’s context counts nothing', async () => {
      expect(
        (await as('master', sign('A'), `select * from wall.tenant_totals(array['${tenantId('B')}']::uuid[])`))
          .rowCount,
      ).toBe(0)
    })

    it('they work for whom they are (positive twins)', async () => {
      const ada = sign('A', { userId: userId('Ada') })
      await as('tenant', ada, `select wall.audit_write(array['${tenantId('A')}']::uuid[], ${event})`)
      expect(
        (await as('tenant', ada, `select wall.user_sessions_end('${userId('Tom')}') as n`)).rows[0].n,
      ).toBe(2)
      expect(
        (await as('master', sign('M'), `select * from wall.tenant_totals(array['${tenantId('B')}']::uuid[])`))
          .rows[0].users,
      ).toBe('3')
    })
  })
})
