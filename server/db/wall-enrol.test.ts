import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { idOf } from '@/test/canary'
import { enrolmentToken, resourceId, tenantId } from '@/test/factories'
import { askAfter, begun } from '@/test/wall-ask'
import { type WallSql, wallSql } from '@/test/wall-sql'
import { createWorld, type World } from '@/test/world'

// Which token makes a host of whom: each condition of wall.agent_enrol once, and what it waits for.

const hash = (text: string) => `'\\x${createHash('sha256').update(text).digest('hex')}'::bytea`

interface Made {
  code: string
  hostId?: string
}

describe('what an enrolment token is good for', () => {
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

  let n = 0
  const enrol = (token: string, machine: string, gate = 'on') =>
    `wall.agent_enrol(${hash(token)}, ${hash(`credential ${n++}`)}, 'new-01', '${machine}', '', '{}', '${gate}', '', '')`
  const made = (question: string, ...changes: string[]) =>
    askAfter(world, '', question, changes) as Promise<Made>
  const code = async (...args: Parameters<typeof made>) => (await made(...args)).code
  const ofAcme = (change: string) => `update enrolment_token set ${change} where id = '${idOf('token A 1')}'`

  it('K02 a host of the token’s tenant, or the one that the machine was there already', async () => {
    for (const key of ['A', 'B'] as const) {
      const again = await made(enrol(enrolmentToken(key, 1), 'same-machine-1'))
      expect(again).toEqual({ code: 'ok', hostId: resourceId(`${key} web`) })
      const fresh = await made(enrol(enrolmentToken(key, 1), 'new machine'))
      expect(fresh.code).toBe('ok')
      expect(fresh.hostId).not.toBe(again.hostId)
    }
  })

  it('K02 nothing by a token that is none, was withdrawn, is over or used up', async () => {
    const [mine, machine] = [enrolmentToken('A', 1), 'new machine']
    expect(await code(enrol('fhe_x', machine))).toBe('unknown')
    expect(await code(enrol(mine, machine), ofAcme('revoked_at = now()'))).toBe('unknown')
    expect(await code(enrol(mine, machine), ofAcme(`expires_at = now() - interval '1 minute'`))).toBe(
      'unknown',
    )
    expect(await code(enrol(mine, machine), ofAcme('uses = max_uses'))).toBe('unknown')
    expect(await code(enrol(mine, machine), ofAcme('uses = max_uses - 1'))).toBe('ok')
  })

  it('B12 nothing in a closed tenant; the gate is asked for subtenants alone', async () => {
    for (const key of ['C', 'E'] as const)
      expect(await code(enrol(enrolmentToken(key, 1), 'new machine'))).toBe('refused')
    expect(await code(enrol(enrolmentToken('A', 1), 'new machine', 'off'))).toBe('gate')
    expect(await code(enrol(enrolmentToken('M', 1), 'new machine', 'off'))).toBe('ok')
  })

  /** Two at once: the first has enrolled and not committed when the second begins. */
  async function race(first: string, second: string): Promise<{ waits: boolean; codes: [Made, Made] }> {
    const one = await wall.pool('system').connect()
    const other = await wall.pool('system').connect()
    try {
      await one.query('begin')
      await other.query('begin')
      const { rows } = await one.query<{ a: Made }>(`select ${first} as a`)
      const { waits, done } = await begun(world.admin, other, `select ${second} as a`)
      await one.query('commit')
      const after = (await done) as { rows: { a: Made }[] }
      await other.query('commit')
      return { waits, codes: [rows[0]?.a as Made, after.rows[0]?.a as Made] }
    } finally {
      await one.query('rollback')
      await other.query('rollback')
      one.release()
      other.release()
      await world.restore()
    }
  }

  it('a token for one use is used once, by whoever comes first', async () => {
    await world.admin.query(ofAcme('max_uses = 1, uses = 0'))
    const mine = enrolmentToken('A', 1)
    const { codes } = await race(enrol(mine, 'machine one'), enrol(mine, 'machine two'))
    expect(codes.map((one) => one.code)).toEqual(['ok', 'unknown'])
  })

  it('a machine that enrols twice at once is one host', async () => {
    const { waits, codes } = await race(
      enrol(enrolmentToken('A', 1), 'machine one'),
      enrol(enrolmentToken('A', 2), 'machine one'),
    )
    expect(waits).toBe(true)
    expect(codes[1]).toEqual(codes[0])
  })

  it('a tenant that is being closed gets no host any more', async () => {
    const key = 'A'
    const { admin } = world
    const other = await wall.pool('system').connect()
    await admin.query('begin')
    await admin.query('select pg_advisory_xact_lock(wall.lock_key($1))', [tenantId(key)])
    const enrolling = `select ${enrol(enrolmentToken(key, 1), 'new machine')} as a`
    const { waits, done } = await begun(admin, other, enrolling)
    await admin.query(`update tenant set status = 'disabled' where id = $1`, [tenantId(key)])
    await admin.query('commit')
    const { rows } = (await done) as { rows: { a: Made }[] }
    other.release()
    await world.restore()
    expect([waits, rows[0]?.a.code]).toEqual([true, 'refused'])
  })
})
