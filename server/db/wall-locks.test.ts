import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CUSTOMER_ROLE, ORGANIZATION_ROLE, resourceId, SPARE_CAP, tenantId, userId } from '@/test/factories'
import { begun } from '@/test/wall-ask'
import { type WallSql, wallSql } from '@/test/wall-sql'
import { createWorld, type World } from '@/test/world'

// Which locks the wall's functions take, and what each of them keeps from being done too late.

const EVERYONE = '00000000-0000-4000-8000-0000000000ff'
const [M, A, B, N] = (['M', 'A', 'B', 'N'] as const).map((key) => tenantId(key)) as [
  string,
  string,
  string,
  string,
]
const ids = (all: string[]) => `array[${all.map((id) => `'${id}'`).join(', ')}]::uuid[]`
const HELD = `select ((l.classid::bigint << 32) | l.objid::bigint)::text as key, l.mode = 'ExclusiveLock' as alone
  from pg_locks l where l.locktype = 'advisory' and l.pid = pg_backend_pid() and l.granted`

describe('what waits for what', () => {
  let world: World
  let wall: WallSql
  beforeAll(async () => {
    world = await createWorld()
    wall = wallSql(world)
  })
  afterAll(async () => {
    await wall.close()
    await world.close()
  })

  const enter = (who: 'A' | 'M', shared: string[], alone: string[], write = true) =>
    `select wall.enter('${wall.sign(who)}', ${write}, ${ids(shared)}, ${ids(alone)})`
  const held = async (who: 'A' | 'M', shared: string[], alone: string[], write = true) => {
    const role = who === 'A' ? 'tenant' : 'master'
    const { rows } = await wall.as(role, null, enter(who, shared, alone, write), HELD)
    return (rows as { key: string; alone: boolean }[])
      .map(({ key, alone }) => `${key} ${alone ? 'alone' : 'shared'}`)
      .sort()
  }
  /** As the numbers of the locks: worked out by the database, in one place that the product asks, too. */
  const keys = async (shared: string[], alone: string[]) => {
    const { rows } = await world.admin.query<{ line: string }>(
      `select wall.lock_key(x)::text || ' shared' as line from unnest($1::uuid[]) x union all
       select wall.lock_key(x)::text || ' alone' from unnest($2::uuid[]) x`,
      [shared, alone],
    )
    return rows.map(({ line }) => line).sort()
  }

  it('R-lock a write holds its tenant, its cap and everybody, and alone what it takes away from', async () => {
    expect(await held('A', [A], [])).toEqual(await keys([A, CUSTOMER_ROLE, EVERYONE], []))
    expect(await held('A', [A], [B])).toEqual(await keys([A, CUSTOMER_ROLE, EVERYONE], [B]))
    expect(await held('M', [M], [])).toEqual(await keys([M, EVERYONE], []))
    expect(await held('M', [M, B, N], [A, ORGANIZATION_ROLE])).toEqual(
      await keys([M, B, N, CUSTOMER_ROLE, EVERYONE], [A, ORGANIZATION_ROLE]),
    )
    expect(await held('M', [M], [EVERYONE])).toEqual(await keys([M], [EVERYONE]))
    expect(await held('A', [A], [B], false)).toEqual([])
  })

  /** Does something on a connection of a role, while the admin holds `hold` and does `meanwhile` before it commits. */
  async function against(
    role: 'tenant' | 'master' | 'system',
    first: string[],
    statement: string,
    hold: string,
    meanwhile: string,
  ): Promise<{ waits: boolean; answer: unknown }> {
    const { admin } = world
    const client = await wall.pool(role).connect()
    try {
      await client.query('begin')
      for (const each of first) await client.query(each)
      await admin.query(`begin; ${hold}`)
      const { waits, done } = await begun(admin, client, statement)
      await admin.query(`${meanwhile}; commit`)
      const answer = await done.then(
        ({ rows }) => (rows as { a: unknown }[])[0]?.a,
        (error: { code: string }) => error.code,
      )
      return { waits, answer }
    } finally {
      await client.query('rollback')
      client.release()
      await world.restore()
    }
  }
  const alone = (id: string) => `select pg_advisory_xact_lock(wall.lock_key('${id}'))`

  it.each<['tenant' | 'master', 'A' | 'M', string[]]>([
    ['tenant', 'A', [A]],
    ['master', 'M', [M, A]],
  ])('R-lock a cap that is another one when its lock is held: the %s’s write runs again', async (...one) => {
    const [role, who, shared] = one
    const other = `update tenant set tenant_role_id = '${SPARE_CAP}' where id = '${A}'`
    const write = enter(who, shared, [])
    const changed = await against(role, [], write, alone(CUSTOMER_ROLE), other)
    expect(changed).toEqual({ waits: true, answer: '40001' })
    const same = await against(role, [], write, alone(CUSTOMER_ROLE), 'select 1')
    expect(same).toEqual({ waits: true, answer: undefined })
  })

  const session = (changed: string) =>
    `select wall.session_create('${A}', '${userId('Ada')}', '\\x00', '192.0.2.7', 'x', 'x', ${changed}) is not null as a`

  it('R-lock no session begins in a tenant that is being closed', async () => {
    const close = `update tenant set status = 'disabled' where id = '${A}'`
    expect(await against('system', [], session('null'), alone(A), close)).toEqual({
      waits: true,
      answer: false,
    })
    expect((await against('system', [], session('null'), alone(B), 'select 1')).answer).toBe(true)
  })

  it('C11 no session begins with a password that is being changed', async () => {
    const { rows } = await world.admin.query<{ changed: string }>(
      'select (extract(epoch from changed_at) * 1000000)::bigint::text as changed from user_credential where user_id = $1',
      [userId('Ada')],
    )
    const proved = session(`${rows[0]?.changed}`)
    const change = `update user_credential set changed_at = now() where user_id = '${userId('Ada')}'`
    expect(await against('system', [], proved, change, 'select 1')).toEqual({ waits: true, answer: false })
    expect(await against('system', [], proved, 'select 1', 'select 1')).toEqual({
      waits: false,
      answer: true,
    })
  })

  it('R-lock nothing is shared that is being assigned away', async () => {
    const host = resourceId('master private')
    const share = `insert into access_grant (id, resource_id, kind, name, owner_id, tenant_id, role)
      values (gen_random_uuid(), '${host}', 'host', 'x', '${M}', '${A}', 'viewer') returning true as a`
    const context = [`select set_config('wall.ctx', '${wall.sign('M')}', true)`]
    const assign = `update resource set assigned_id = '${B}' where id = '${host}'`
    const { waits, answer } = await against('master', context, share, assign, 'select 1')
    expect([waits, answer]).toEqual([true, '23514'])
    expect((await against('master', context, share, 'select 1', 'select 1')).answer).toBe(true)
  })
})
