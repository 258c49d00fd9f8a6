import pg from 'pg'
import { hmacPads, wallKey } from '@/server/db/context-token'

/** Puts the key of the signed context behind the wall, as the owner of the schema. Idempotent; a new secret replaces it. */
export async function installWallKey(adminUrl: string, secret: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl })
  await client.connect()
  try {
    const { ipad, opad } = hmacPads(wallKey(secret))
    await client.query('set role freehold_owner')
    await client.query(
      `insert into wall.ctx_key (id, ipad, opad) values (1, $1, $2)
       on conflict (id) do update set ipad = excluded.ipad, opad = excluded.opad
       where (ctx_key.ipad, ctx_key.opad) is distinct from (excluded.ipad, excluded.opad)`,
      [ipad, opad],
    )
  } finally {
    await client.end()
  }
}
