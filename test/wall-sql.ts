import pg from 'pg'
import { type ContextClaims, signContext, wallKey } from '@/server/db/context-token'
import type { DbRole } from '@/server/db/urls'
import type { TenantKey } from '@/test/actors'
import { tenantId } from '@/test/factories'
import type { World } from '@/test/world'

type Statement = string | [string, unknown[]]

/** SQL of an attacker's choice, as a serving role signs in: what the wall holds when the application is gone. */
export interface WallSql {
  pool: (role: DbRole) => pg.Pool
  /** A true context of a tenant. */
  sign: (tenant: TenantKey, more?: Partial<ContextClaims>) => string
  /** Runs statements in one transaction under a context and rolls back. @returns rows of the last */
  as: (role: DbRole, context: string | null, ...statements: Statement[]) => Promise<pg.QueryResult>
  close: () => Promise<void>
}

export function wallSql(world: World): WallSql {
  const key = wallKey(world.database.secret)
  const roles = ['tenant', 'master', 'union', 'system'] as const
  const pools = new Map<DbRole, pg.Pool>(
    roles.map((role) => [role, new pg.Pool({ connectionString: world.database.url(role), max: 2 })]),
  )
  const pool = (role: DbRole) => pools.get(role) as pg.Pool
  return {
    pool,
    sign: (tenant, more = {}) =>
      signContext(key, {
        mode: 'user',
        tenantId: tenantId(tenant),
        userId: null,
        sessionId: null,
        ...more,
      }),
    as: async (role, context, ...statements) => {
      const client = await pool(role).connect()
      try {
        await client.query('begin')
        if (context !== null) await client.query(`select set_config('wall.ctx', $1, true)`, [context])
        let result = await client.query('select 1')
        for (const each of statements)
          result = await (typeof each === 'string' ? client.query(each) : client.query(...each))
        return result
      } finally {
        await client.query('rollback')
        client.release()
      }
    },
    close: async () => {
      await Promise.all([...pools.values()].map((one) => one.end()))
    },
  }
}
