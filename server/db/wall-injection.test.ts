import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ContextClaims, signContext, wallKey } from '@/server/db/context-token'
import type { DbRole } from '@/server/db/urls'
import { idOf } from '@/test/canary'
import { resourceId, tenantId, userId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

/** SQL injected into a request of Acme: its role, its own signed context, and what that leaves behind in the pool. */
describe('SQL injected into a request', () => {
  let world: World
  let pool: pg.Pool
  beforeAll(async () => {
    world = await createWorld()
    // One connection: what one request leaves behind, the next one finds.
    pool = new pg.Pool({ connectionString: world.database.url('tenant' satisfies DbRole), max: 1 })
  })
  afterAll(async () => {
    await pool.end()
    await world.close()
  })

  const context = (more: Partial<ContextClaims> = {}) =>
    signContext(wallKey(world.database.secret), {
      ...{ mode: 'user', tenantId: tenantId('A'), userId: userId('Ada'), sessionId: idOf('session Ada') },
      ...more,
    })

  async function transaction<T>(write: boolean, fn: (client: pg.PoolClient) => Promise<T>, ctx = context()) {
    const client = await pool.connect()
    try {
      await client.query('begin')
      await client.query(`select wall.enter($1, $2, '{}', '{}')`, [ctx, write])
      const result = await fn(client)
      await client.query('commit')
      return result
    } catch (error) {
      await client.query('rollback')
      throw error
    } finally {
      client.release()
    }
  }
  const asks = (sql: string, values: unknown[] = []) =>
    transaction(true, (client) => client.query(sql, values))

  it('K04 it cannot ask by subdomain which tenants there are', async () => {
    await expect(asks(`select wall.auth_context(null, 'bolt')`)).rejects.toMatchObject({ code: '42501' })
    const hash = `(select sha256(convert_to($1, 'UTF8')))`
    for (const [token, slug] of [
      [null, 'bolt'],
      [null, 'acme'],
      ['x', 'bolt'],
      ['x', 'closed'],
    ])
      expect((await asks(`select wall.auth_again(${hash}, $2) as value`, [token, slug])).rows).toEqual([
        { value: null },
      ])
  })

  it('K04 a mutation reads its own session’s rights again, and no other session’s (positive twin)', async () => {
    const { tokenHash = '' } = (await world.opOf('Ada')).session
    const again = (ctx?: string) =>
      transaction(
        true,
        (client) =>
          client.query(`select wall.auth_again($1, 'acme') as value`, [Buffer.from(tokenHash, 'hex')]),
        ctx,
      )
    expect((await again()).rows[0].value).toMatchObject({
      user: { username: 'ada' },
      tenant: { slug: 'acme' },
    })
    expect((await again(context({ sessionId: idOf('session Tom') }))).rows).toEqual([{ value: null }])
    expect((await again(context({ sessionId: null }))).rows).toEqual([{ value: null }])
  })

  it('K07 a reading transaction stays one', async () => {
    for (const sql of [
      `select set_config('transaction_read_only', 'off', true)`,
      `set transaction read write`,
    ])
      await expect(
        transaction(false, (client) => client.query(sql)),
        sql,
      ).rejects.toMatchObject({ code: '25001' })
    await expect(
      transaction(false, (client) => client.query(`savepoint s; set transaction read write`)),
    ).rejects.toMatchObject({ code: '25001' })
  })

  it('K08 what it leaves in the connection breaks nobody’s audit log', async () => {
    await asks(`select set_config('wall.seal', 'garbage', false)`)
    const write = `select wall.audit_write(array['${tenantId('B')}']::uuid[], '{"event":"x"}'::jsonb)`
    await transaction(
      true,
      (client) => client.query(write),
      context({ tenantId: tenantId('B'), userId: userId('Bo'), sessionId: idOf('session Bo') }),
    )
    await asks(`select set_config('wall.seal', '', false)`)
  })

  it('C11 what was revoked is not given back: sessions, enrolment tokens', async () => {
    for (const table of ['session', 'enrolment_token']) {
      await expect(asks(`update ${table} set revoked_at = null`), table).rejects.toMatchObject({
        code: '42501',
      })
      expect((await asks(`update ${table} set revoked_at = now()`)).rowCount, table).toBeGreaterThan(0)
    }
  })

  it('G16 no agent writes in a disabled tenant, not even goodbye (rule 11)', async () => {
    const { admin } = world
    await admin.query(`update agent_credential set token_hash = '\\x07' where resource_id = $1`, [
      resourceId('A web'),
    ])
    const goodbye = async (status: string) => {
      await admin.query('update tenant set status = $1 where id = $2', [status, tenantId('A')])
      const { rows } = await admin.query(`select wall.agent_goodbye('\\x07', '192.0.2.1') as known`)
      const state = await admin.query('select status from resource_state where resource_id = $1', [
        resourceId('A web'),
      ])
      return [rows[0].known, state.rows[0].status]
    }
    expect(await goodbye('disabled')).toEqual([false, 'online'])
    expect(await goodbye('active')).toEqual([true, 'offline'])
  })
})
