import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { connectDatabase } from '@/server/db/runtime'
import { installWallKey } from '@/server/db/wall-key'
import { hashPassword } from '@/server/platform/password'
import { createTestDatabase } from '@/test/database'
import { MASTER_TENANT_ID } from '@/lib/master'

export const PASSWORD = 'plum-orbit-lantern-42'

const ROLE = (builtIn: string) => `(select id from user_role where built_in = '${builtIn}')`

/** A database with the master (Mara), Acme (Tom, Ada) and Bolt (Bo), multi-tenancy on; `sql` is the administrator's. */
export async function openWorld() {
  const database = await createTestDatabase()
  await installWallKey(database.adminUrl, database.secret)
  const pools = { POOL_TENANT_MAX: 4, POOL_MASTER_MAX: 2, POOL_UNION_MAX: 2, POOL_SYSTEM_MAX: 6 }
  const runtime = await connectDatabase({
    runtimeUrl: database.adminUrl,
    secret: database.secret,
    env: pools,
    urlOf: database.url,
  })
  const client = new pg.Client({ connectionString: database.adminUrl })
  await client.connect()
  const sql = async <T extends object>(text: string, values: unknown[] = []) =>
    (await client.query<T>(text, values)).rows
  const hash = await hashPassword(PASSWORD)

  const tenant = async (slug: string, name: string) => {
    const id = randomUUID()
    await sql(
      `insert into tenant (id, slug, name, tenant_role_id) select $1, $2, $3, id from tenant_role where built_in = 'customer'`,
      [id, slug, name],
    )
    return id
  }
  const user = async (tenantId: string, username: string, role: string, parentLevel = false) => {
    const id = randomUUID()
    await sql(
      `insert into user_account (id, home_tenant_id, username, email, first_name, last_name, parent_level) values ($1, $2, $3, $4, $5, 'Test', $6)`,
      [id, tenantId, username, `${username}@example.com`, username, parentLevel],
    )
    await sql('insert into user_credential (user_id, tenant_id, password_hash) values ($1, $2, $3)', [
      id,
      tenantId,
      hash,
    ])
    await member(tenantId, id, role)
    return id
  }
  const member = async (tenantId: string, userId: string, role: string) => {
    await sql('insert into membership (tenant_id, user_id) values ($1, $2)', [tenantId, userId])
    await sql(`insert into role_assignment (tenant_id, user_id, role_id) values ($1, $2, ${ROLE(role)})`, [
      tenantId,
      userId,
    ])
  }

  await sql('update installation set setup_done_at = now(), multi_tenant_enabled = true')
  await sql(
    `insert into licence (source, capabilities, expires_at) values ('trial', '{multi_tenant,sso}', now() + interval '30 days')`,
  )
  const acme = await tenant('acme', 'Acme')
  const bolt = await tenant('bolt', 'Bolt')
  const ids = {
    mara: await user(MASTER_TENANT_ID, 'mara', 'super_admin', true),
    tom: await user(acme, 'tom', 'viewer'),
    ada: await user(acme, 'ada', 'admin'),
    bo: await user(bolt, 'bo', 'admin'),
  }
  return {
    database,
    sql,
    acme,
    bolt,
    ids,
    user,
    member,
    tenant,
    /** Forgets all attempts, so that one test's do not count in the next. */
    forgive: () => sql('delete from rate_limit'),
    close: async () => {
      await client.end()
      await runtime.close()
      await database.drop()
    },
  }
}
export type SignInWorld = Awaited<ReturnType<typeof openWorld>>
