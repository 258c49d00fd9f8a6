import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SignedInOp } from '@/server/context/op'
import { mutate, type WriteTx } from '@/server/db/scope'
import { AppError } from '@/server/platform/errors'
import type { Declaration } from '@/server/rpc/declaration'
import type { PersonName } from '@/test/actors'
import { idOf } from '@/test/canary'
import { resourceId, tenantId, userId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

const ROUNDS = 200
const HOST = resourceId('A web')

describe('a mutation against what takes its right away', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld()
  })
  afterAll(() => world.close())

  const acting = async (name: PersonName, declaration: Partial<Declaration>): Promise<SignedInOp> => {
    const d: Declaration = {
      scope: 'tenant',
      permission: ['hosts', 'full'],
      audit: 'test.write',
      summary: 'x',
      ...declaration,
    }
    return { ...(await world.opOf(name)), call: { name: 'test', declaration: d, audited: false } }
  }
  const nameNow = async () =>
    (await world.admin.query<{ name: string }>('select name from resource where id = $1', [HOST])).rows[0]
      ?.name

  /** Eve's write: it changes the row, lingers, and commits, unless it is refused. */
  const write = (op: SignedInOp, name: string, lingerMs: number) =>
    mutate(op, async ({ tx, audit }) => {
      await tx.$executeRaw`update resource set name = ${name} where id = ${HOST}::uuid`
      await tx.$executeRaw`select pg_sleep(${lingerMs / 1000}::float8)`
      audit({ targetKind: 'host', targetId: HOST })
    })
  const take = (op: SignedInOp, sql: (tx: WriteTx) => Promise<number>) =>
    mutate(
      op,
      async ({ tx, audit }) => {
        await sql(tx)
        audit({
          targetKind: 'tenant',
          targetId: tenantId('A'),
          alsoIn: op.tenant.isMaster ? [tenantId('A')] : [],
        })
      },
      { exclusive: [tenantId('A')] },
    )
  const disable = (op: SignedInOp) =>
    take(op, (tx) => tx.$executeRaw`update tenant set status = 'disabled' where id = ${tenantId('A')}::uuid`)
  const revoke = (op: SignedInOp) =>
    take(op, (tx) => tx.$executeRaw`delete from role_assignment where user_id = ${userId('Eve')}::uuid`)
  const giveBack = async () => {
    await world.admin.query(`update tenant set status = 'active' where id = $1`, [tenantId('A')])
    await world.admin.query(
      `insert into role_assignment (id, tenant_id, user_id, role_id) select $1, $2, $3, id from user_role where built_in = 'editor' on conflict do nothing`,
      [idOf('assignment Eve'), tenantId('A'), userId('Eve')],
    )
  }

  /** How many writes committed after the right to them was gone, and how many each way in all. */
  async function race(rounds: number) {
    const [eve, ada, mara] = [
      await acting('Eve', {}),
      await acting('Ada', { permission: ['users', 'full'] }),
      await acting('Mara', { scope: 'master', permission: ['tenants', 'full'] }),
    ]
    const counted = { late: 0, written: 0, refused: 0 }
    for (let i = 0; i < rounds; i++) {
      const wait = new Promise((resolve) => setTimeout(resolve, Math.random() * 6))
      const writing = write(eve, `round ${i}`, Math.random() * 8).then(
        () => counted.written++,
        (error: unknown) => {
          if (!(error instanceof AppError)) throw error
          return counted.refused++
        },
      )
      await wait
      await (i % 2 === 0 ? disable(mara) : revoke(ada))
      const atThatMoment = await nameNow()
      await writing
      if ((await nameNow()) !== atThatMoment) counted.late++
      await giveBack()
    }
    return counted
  }

  it('R-lock no write commits after a disable or a revoke, in 200 rounds', async () => {
    const { late, written, refused } = await race(ROUNDS)
    expect(late).toBe(0)
    expect(written + refused).toBe(ROUNDS)
    expect(written).toBeGreaterThan(10)
  }, 60_000)

  it('R-lock without the locks some do: what the test measures is there', async () => {
    await world.admin.query(`
      create or replace function wall.enter(p_ctx text, p_write boolean, p_shared uuid[], p_exclusive uuid[]) returns void
      language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
      begin
        perform set_config('wall.ctx', p_ctx, true);
        if not p_write then perform set_config('transaction_read_only', 'on', true); end if;
      end $$`)
    expect((await race(60)).late).toBeGreaterThan(0)
  }, 60_000)

  it('says who may not: a mutation outside a procedure, by a session that ended, without a word to the log', async () => {
    const bare = await world.opOf('Eve')
    await expect(write(bare, 'x', 0)).rejects.toThrow(/authorised procedure/)
    const eve = await acting('Eve', {})
    await expect(mutate(eve, async () => undefined)).rejects.toThrow(/audit log/)
    await expect(
      mutate(eve, async ({ audit }) => audit({ targetKind: 'x', targetId: 'x' }), {
        provider: tenantId('B'),
      }),
    ).rejects.toThrow(/only the master/)
    await world.admin.query('update session set revoked_at = now() where user_id = $1', [userId('Eve')])
    await expect(write(eve, 'x', 0)).rejects.toMatchObject({ code: 'unauthenticated' })
  })
})
