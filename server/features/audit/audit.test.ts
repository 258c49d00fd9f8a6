import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { connectDatabase } from '@/server/db/runtime'
import { systemValue } from '@/server/db/system'
import { installWallKey } from '@/server/db/wall-key'
import { verifyEveryChain } from '@/server/features/audit/audit.service'
import { createTestDatabase, type TestDatabase } from '@/test/database'

const POOLS = { POOL_TENANT_MAX: 4, POOL_MASTER_MAX: 4, POOL_UNION_MAX: 1, POOL_SYSTEM_MAX: 16 }
let db: TestDatabase
let close: () => Promise<void>
let admin: pg.Client

const event = (i: number) =>
  systemValue<null, 'audit_system'>('audit_system', [
    MASTER_TENANT_ID,
    null,
    'Mara',
    { event: 'test.event', targetId: String(i), after: { i, text: 'ü "x"' } },
  ])
const master = async () => (await verifyEveryChain()).find(({ slug }) => slug === 'default')

beforeAll(async () => {
  db = await createTestDatabase()
  await installWallKey(db.adminUrl, db.secret)
  const runtime = await connectDatabase({ runtimeUrl: db.adminUrl, secret: db.secret, env: POOLS })
  close = runtime.close
  admin = new pg.Client({ connectionString: db.adminUrl })
  await admin.connect()
})
afterAll(async () => {
  await admin.end()
  await close()
  await db.drop()
})

describe('the audit chain', () => {
  it('L07 has no forks and no gaps under 16 writers', async () => {
    await Promise.all(Array.from({ length: 320 }, (_, i) => event(i)))
    expect(await master()).toMatchObject({ checked: 320, brokenAt: null })
  })

  it('K06 L05 refuses edits and removals by every serving role, and by the owner', async () => {
    for (const role of ['tenant', 'master', 'system'] as const) {
      const client = new pg.Client({ connectionString: db.url(role) })
      await client.connect()
      for (const sql of [
        'update audit_event set event = $$x$$',
        'delete from audit_event',
        'truncate audit_event cascade',
        'delete from audit_seal',
      ]) {
        await expect(client.query(sql), `${role}: ${sql}`).rejects.toThrow(/permission denied/)
      }
      await client.end()
    }
    await expect(admin.query('update audit_event set reason = $$x$$')).rejects.toThrow(/append-only/)
  })

  it('L01 shows an edited, a removed and an inserted event, once the trigger is out of the way', async () => {
    const tamper = async (sql: string) => {
      await admin.query(
        'begin; alter table audit_event disable trigger user; alter table audit_seal disable trigger user',
      )
      await admin.query(sql)
      await admin.query(
        'commit; alter table audit_event enable trigger user; alter table audit_seal enable trigger user',
      )
    }
    const before = await admin.query<{ reason: string }>(
      `select e.reason from audit_event e join audit_seal s on s.event_id = e.id where s.n = 7`,
    )
    await tamper(
      `update audit_event e set reason = 'edited' from audit_seal s where s.event_id = e.id and s.n = 7`,
    )
    expect(await master()).toMatchObject({ brokenAt: 7 })
    await tamper(
      `update audit_event e set reason = '${before.rows[0]?.reason ?? ''}' from audit_seal s where s.event_id = e.id and s.n = 7`,
    )
    expect(await master()).toMatchObject({ brokenAt: null })
    await tamper(
      `insert into audit_event (tenant_id, actor_name, event) values ('${MASTER_TENANT_ID}', 'nobody', 'test.inserted')`,
    )
    expect((await master())?.brokenAt).not.toBeNull()
    await tamper(`delete from audit_event where event = 'test.inserted'; delete from audit_seal where n = 50`)
    expect(await master()).toMatchObject({ brokenAt: 50 })
  })
})
