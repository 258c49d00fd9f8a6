import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { signContext, wallKey } from '@/server/db/context-token'
import { inTenant } from '@/server/db/scope'
import { env } from '@/server/platform/env'
import type { TenantKey } from '@/test/actors'
import { idOf } from '@/test/canary'
import { type Column, type Grant, readCatalogue } from '@/test/catalogue'
import { plantConnections } from '@/test/plant-connections'
import { resourceId, tenantId, userId, VIEWER_ROLE } from '@/test/factories'
import { RESOURCE_ROOTED, TENANT_ROOTED } from '@/test/wall-reviewed'
import { type WallSql, wallSql } from '@/test/wall-sql'
import { plantAccounts } from '@/test/plant-accounts'
import { createWorld, type World } from '@/test/world'

type Serving = 'tenant' | 'master' | 'union'

/** The roles as they sign in, with SQL of the attacker's choice: what the wall holds when the application is gone. */
describe('the wall against its own roles', () => {
  let world: World
  let wall: WallSql
  let grants: Grant[]
  let columns: Column[]
  beforeAll(async () => {
    world = await createWorld()
    wall = wallSql(world)
    const catalogue = await readCatalogue(world.admin)
    grants = catalogue.grants
    columns = catalogue.columns
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
  const columnsOf = (role: Serving, table: string, privilege: string) =>
    grants
      .filter(
        (g) =>
          g.grantee === `freehold_${role}` &&
          g.table === table &&
          g.privilege === privilege &&
          g.column !== null,
      )
      .map((g) => g.column as string)
  /** Columns that a subtenant's role may insert: all of a table that is granted whole. */
  const insertable = (table: string) => {
    const named = columnsOf('tenant', table, 'INSERT')
    return named.length > 0 ? named : columns.filter((c) => c.table === table).map((c) => c.name)
  }
  const counts = async (role: Serving, context: string | null) => {
    const found: Record<string, number> = {}
    for (const table of tablesOf(role, 'SELECT'))
      found[table] = Number((await as(role, context, `select count(*) as n from ${table}`)).rows[0].n)
    return found
  }
  const sum = (found: Record<string, number>) => Object.values(found).reduce((a, b) => a + b, 0)

  it.each<[string, string | null]>([
    ['none at all', null],
    ['an empty one', ''],
  ])('K07 context: %s shows nothing, without an error', async (_what, context) => {
    for (const role of ['tenant', 'master', 'union'] as const)
      expect(sum(await counts(role, context))).toBe(0)
  })

  it('K07 the same tables have rows under a true context (positive twin)', async () => {
    await plantAccounts(world)
    await plantConnections(world)
    await world.admin.query('insert into host_sample (resource_id, step, at) values ($1, 60, now())', [
      resourceId('A web'),
    ])
    await world.admin.query(`insert into host_inventory (resource_id, revision) values ($1, 'x')`, [
      resourceId('A web'),
    ])
    const empty = Object.entries(await counts('tenant', sign('A'))).filter(([, n]) => n === 0)
    expect(empty).toEqual([])
    expect(sum(await counts('master', sign('M')))).toBeGreaterThan(50)
    expect(
      sum(await counts('union', sign('A', { mode: 'union', tenantId: null, userId: userId('Tom') }))),
    ).toBeGreaterThan(3)
  })

  it('K07 a context that is garbage, tampered with, cut, doubled or of another key is an error', async () => {
    const [mine, other] = [sign('A'), sign('B')]
    const [message = '', mac = ''] = mine.split('.')
    const forged = [
      'x',
      '.',
      'v1|user|||',
      message,
      `${message}.`,
      `${message}.${'0'.repeat(64)}`,
      `${message}.${mac.toUpperCase()}`,
      `${message.replace(tenantId('A'), tenantId('B'))}.${mac}`,
      `${message.replace('user', 'job')}.${mac}`,
      `${message.replace('user', 'provider')}.${mac}`,
      `${mine}.`,
      `${mine} `,
      `${mine}${other}`,
      `${mine},${other}`,
      signContext(wallKey('another secret'), {
        mode: 'user',
        tenantId: tenantId('A'),
        userId: null,
        sessionId: null,
      }),
    ]
    for (const context of forged) {
      await expect(as('tenant', context, 'select * from resource'), context).rejects.toMatchObject({
        code: '28000',
      })
      await expect(as('tenant', context, `update resource set name = 'x'`), context).rejects.toMatchObject({
        code: '28000',
      })
    }
  })

  it('K07 a context of a disabled or deleted tenant shows nothing; of no tenant: nothing', async () => {
    for (const each of ['C', 'E'] as const) expect(sum(await counts('tenant', sign(each)))).toBe(0)
    expect(sum(await counts('tenant', sign('A', { tenantId: idOf('nobody') })))).toBe(0)
    expect(
      sum(await counts('master', sign('A'))) - sum(await counts('tenant', sign('A'))),
    ).toBeLessThanOrEqual(0)
  })

  it('K08 a pooled connection knows nothing of who had it before: 2,000 rounds', async () => {
    const ends = ['commit', 'rollback', 'error'] as const
    let wrong = 0
    const round = async (i: number) => {
      const client = await wall.pool('tenant').connect()
      const mine = i % 3 === 0 ? 'A' : 'B'
      await client.query('begin')
      const before = await client.query<{ ctx: string | null; n: string }>(
        `select current_setting('wall.ctx', true) as ctx, (select count(*) from resource) as n`,
      )
      if (before.rows[0]?.ctx || before.rows[0]?.n !== '0') wrong++
      await client.query(`select wall.enter($1, $2, '{}', '{}')`, [sign(mine), i % 2 === 0])
      const seen = await client.query<{ t: string }>(`select distinct tenant_id as t from membership`)
      if (seen.rows.length !== 1 || seen.rows[0]?.t !== tenantId(mine)) wrong++
      const end = ends[i % ends.length] ?? 'commit'
      if (end === 'error') await client.query('select 1/0').catch(() => undefined)
      await client.query(end === 'error' ? 'rollback' : end)
      client.release()
    }
    for (let i = 0; i < 2000; i += 2) await Promise.all([round(i), round(i + 1)])
    expect(wrong).toBe(0)
  }, 60_000)

  describe('writes to rows of another tenant', () => {
    const rootOf = (table: string) => TENANT_ROOTED[table]
    const foreign: TenantKey[] = ['B', 'M']

    it('K11 no UPDATE or DELETE reaches them, whatever the table', async () => {
      const before = await world.state()
      let tried = 0
      for (const table of tablesOf('tenant', 'UPDATE').concat(tablesOf('tenant', 'DELETE'))) {
        const root = rootOf(table)
        // a grant is of two tenants: wall-rows.test.ts
        if (root === undefined || table === 'access_grant') continue
        const column = columnsOf('tenant', table, 'UPDATE')[0]
        for (const other of foreign) {
          if (column !== undefined) {
            const update = `update ${table} set ${column} = ${column === 'password_hash' ? `'x'` : column === 'revoked_at' ? 'now()' : column} where ${root} = '${tenantId(other)}'`
            expect((await as('tenant', sign('A'), update)).rowCount, update).toBe(0)
            tried++
          }
          if (!tablesOf('tenant', 'DELETE').includes(table)) continue
          expect(
            (await as('tenant', sign('A'), `delete from ${table} where ${root} = '${tenantId(other)}'`))
              .rowCount,
            table,
          ).toBe(0)
          tried++
        }
      }
      expect(tried).toBeGreaterThan(12)
      expect(await world.state()).toEqual(before)
    })

    it('K11 no INSERT makes one, whatever the table; nor a row of nobody (A21)', async () => {
      for (const table of tablesOf('tenant', 'INSERT').filter((one) => !(one in RESOURCE_ROOTED))) {
        const root = rootOf(table) as string
        const columns = insertable(table)
        for (const other of [...foreign, 'N'] as TenantKey[]) {
          const model = await world.admin.query(
            `select ${columns.join(', ')} from ${table} where ${root} = $1 limit 1`,
            [tenantId(other === 'N' ? 'B' : other)],
          )
          const row = {
            ...model.rows[0],
            [root]: tenantId(other),
            ...(columns.includes('id') && { id: idOf(`new ${table}`) }),
          }
          if (table === 'resource') row.assigned_id = tenantId(other)
          const holes = columns.map((_, i) => `$${i + 1}`)
          const values = columns.map((c) =>
            typeof row[c] === 'object' && row[c]?.constructor === Object ? JSON.stringify(row[c]) : row[c],
          )
          const insert: [string, unknown[]] = [
            `insert into ${table} (${columns.join(', ')}) values (${holes.join(', ')})`,
            values,
          ]
          await expect(as('tenant', sign('A'), insert), `${table} of ${other}`).rejects.toMatchObject({
            // the guard of grants asks for a tenant that is there before the policy asks whose the thing is
            code: table === 'access_grant' ? expect.stringMatching(/^(42501|23503)$/) : '42501',
          })
        }
      }
    })

    it('K11 a cascade stays in the tenant', async () => {
      const others = `select md5(string_agg(t::text, '|' order by t::text)) as hash from (
        select to_jsonb(u) as t from user_account u where home_tenant_id <> $1 union all select to_jsonb(m) from membership m where tenant_id <> $1
        union all select to_jsonb(a) from role_assignment a where tenant_id <> $1 union all select to_jsonb(s) - 'last_seen_at' from session s where tenant_id <> $1
        union all select to_jsonb(g) from access_grant g where tenant_id <> $1 and owner_id <> $1 union all select to_jsonb(r) from resource r where owner_id <> $1) x`
      // What a connected cloud tells of is not deleted by hand.
      await world.admin.query('delete from cloud_connection')
      const before = await world.admin.query(others, [tenantId('A')])
      const own = await world.admin.query('select 1 from resource where owner_id = $1', [tenantId('A')])
      const client = await wall.pool('tenant').connect()
      await client.query('begin')
      await client.query(`select set_config('wall.ctx', $1, true)`, [sign('A')])
      expect((await client.query('delete from user_account')).rowCount).toBe(6)
      expect((await client.query('delete from resource')).rowCount).toBe(own.rowCount)
      await client.query('commit')
      client.release()
      const left = await world.admin.query('select 1 from membership where tenant_id = $1', [tenantId('A')])
      expect(left.rowCount).toBe(0)
      expect((await world.admin.query(others, [tenantId('A')])).rows).toEqual(before.rows)
      await world.restore()
    })

    it('one’s own rows can be written (positive twin)', async () => {
      const update = await as(
        'tenant',
        sign('A'),
        `update resource set name = 'renamed' where id = '${resourceId('A web')}'`,
      )
      expect(update.rowCount).toBe(1)
      expect(
        (await as('tenant', sign('A'), `delete from resource where id = '${resourceId('A secret')}'`))
          .rowCount,
      ).toBe(1)
      const token = `insert into enrolment_token (id, tenant_id, name, token_hash, expires_at) values (gen_random_uuid(), '${tenantId('A')}', 'x', '\\x01', now())`
      expect((await as('tenant', sign('A'), token)).rowCount).toBe(1)
    })

    it('K12 what one merely sees cannot be changed or removed: assigned, granted, public', async () => {
      for (const label of ['assigned A', 'granted A', 'public', 'public in cloud']) {
        const id = resourceId(label)
        expect(
          (await as('tenant', sign('A'), `select 1 from resource where id = '${id}'`)).rowCount,
          label,
        ).toBe(1)
        expect(
          (await as('tenant', sign('A'), `update resource set name = 'mine' where id = '${id}'`)).rowCount,
          label,
        ).toBe(0)
        expect(
          (await as('tenant', sign('A'), `delete from resource where id = '${id}'`)).rowCount,
          label,
        ).toBe(0)
      }
    })

    it('the master reaches no row of a subtenant by its own role either', async () => {
      expect(
        (await as('master', sign('M'), `select 1 from resource where owner_id = '${tenantId('A')}'`))
          .rowCount,
      ).toBe(0)
      expect(
        (await as('master', sign('M'), `update resource set name = 'x' where owner_id = '${tenantId('A')}'`))
          .rowCount,
      ).toBe(0)
      expect(
        (await as('master', sign('M'), `delete from user_account where home_tenant_id = '${tenantId('A')}'`))
          .rowCount,
      ).toBe(0)
    })

    it('a provider reads a subtenant and writes its people, never its resources', async () => {
      const provider = sign('A', { mode: 'provider' })
      expect(
        (await as('tenant', provider, `select 1 from resource where id = '${resourceId('A web')}'`)).rowCount,
      ).toBe(1)
      expect(
        (await as('tenant', provider, `update resource set name = 'x' where id = '${resourceId('A web')}'`))
          .rowCount,
      ).toBe(0)
      expect(
        (
          await as(
            'tenant',
            provider,
            `update user_account set last_name = 'x' where id = '${userId('Tom')}'`,
          )
        ).rowCount,
      ).toBe(1)
      expect(
        (await as('tenant', provider, `update user_account set last_name = 'x' where id = '${userId('Bo')}'`))
          .rowCount,
      ).toBe(0)
    })
  })

  it('K10 a link to another tenant’s row is refused, also where a foreign key would not ask', async () => {
    const group = `update tenant_cloud set group_id = '${idOf('group B 1')}'`
    await expect(as('tenant', sign('A'), group)).rejects.toMatchObject({ code: '42501' })
    const assignment = (user: string, role: string) =>
      `insert into role_assignment (id, tenant_id, user_id, role_id) values (gen_random_uuid(), '${tenantId('A')}', '${user}', '${role}')`
    await expect(as('tenant', sign('A'), assignment(userId('Tom'), idOf('role B 1')))).rejects.toMatchObject({
      code: '42501',
    })
    await expect(as('tenant', sign('A'), assignment(userId('Bo'), VIEWER_ROLE))).rejects.toMatchObject({
      code: '23503',
    })
    const member = `insert into membership (id, tenant_id, user_id, created_at) values (gen_random_uuid(), '${tenantId('A')}', '${userId('Bo')}', now())`
    await expect(as('tenant', sign('A'), member)).rejects.toMatchObject({ code: '42501' })
    const parent = `insert into resource (id, kind, name, owner_id, assigned_id, parent_id) values (gen_random_uuid(), 'host', 'x', '${tenantId('A')}', '${tenantId('A')}', '${resourceId('B web')}')`
    await expect(as('tenant', sign('A'), parent)).rejects.toMatchObject({ code: '42501' })
    expect((await as('tenant', sign('A'), assignment(userId('Nora'), VIEWER_ROLE))).rowCount).toBe(1)
  })

  it('K07 a reading scope cannot write', async () => {
    const op = await world.opOf('Ada')
    const write = inTenant(
      op,
      (tx) => tx.$executeRaw`update resource set name = 'x' where id = ${resourceId('A web')}::uuid`,
    )
    await expect(write).rejects.toThrow(/read-only/)
  })

  // by id alone: what the policies hold by themselves
  const policies = env().FREEHOLD_TEST_LAYER !== 'no-policies'
  it.runIf(policies)(
    'K08 four hundred lookups of two tenants, a hundred in one tick, never mix',
    async () => {
      const ops = { A: await world.opOf('Ada'), B: await world.opOf('Bo') }
      const tick = () =>
        Array.from({ length: 100 }, (_, i) => {
          const [mine, other] = i % 2 === 0 ? (['A', 'B'] as const) : (['B', 'A'] as const)
          const wanted = i % 4 < 2 ? mine : other
          return inTenant(ops[mine], (tx) =>
            tx.resource.findUnique({ where: { id: resourceId(`${wanted} web`) }, select: { ownerId: true } }),
          ).then((row) => [mine, wanted, row?.ownerId ?? null])
        })
      for (let i = 0; i < 4; i++) {
        const found = await Promise.all(tick())
        for (const [mine, wanted, owner] of found)
          expect(owner).toBe(mine === wanted ? tenantId(mine as TenantKey) : null)
      }
    },
    60_000,
  )
})
