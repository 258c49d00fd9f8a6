import pg from 'pg'
import { type ContextClaims, signContext, wallKey } from '@/server/db/context-token'
import { withoutFilters } from '@/test/no-filters'
import type { World } from '@/test/world'
import { idFor } from './ids'
import type { Tenant } from './state'

export type Layer = 'both' | 'no-policies' | 'no-filters'
/** The layers that this run of the tests has (scripts/test-layers.ts). */
export const LAYER = (process.env.FREEHOLD_TEST_LAYER ?? 'both') as Layer
export type Serving = 'tenant' | 'master' | 'union' | 'system'

/**
 * The one connection on which a sequence runs, in one transaction that is rolled back: thousands of sequences then cost no
 * clean-up. Inside it each operation and each reading is a savepoint, as the role and under the signed context that it would
 * have in a transaction of its own.
 */
export interface Connection {
  layer: Layer
  db: pg.Client
  /** SQL that makes the next statements those of somebody. */
  become: (tenant: Tenant, person: string | null) => string
  /** The role that the server would have signed in as. */
  roleOf: (serving: Serving) => string
  /** A statement as the layer under test would send it. */
  asSent: (text: string) => string
  /** SQL around each sequence: its own transaction. */
  begin: string
  end: string
  close: () => Promise<void>
}

export const servingOf = (tenant: Tenant): Serving => (tenant === 'M' ? 'master' : 'tenant')

/** @param world its own pools are not used; in the layer without policies its roles get twins that bypass them */
export async function connect(world: World, layer: Layer = LAYER): Promise<Connection> {
  const db = new pg.Client({ connectionString: world.database.adminUrl })
  await db.connect()
  const key = wallKey(world.database.secret)
  const bypassing = layer === 'no-policies'
  const roleOf = (serving: Serving) =>
    bypassing ? `${world.database.name.slice(0, 40)}_${serving}_model` : `freehold_${serving}`
  if (bypassing)
    for (const serving of ['tenant', 'master', 'union', 'system'] as const)
      await db.query(
        `create role ${roleOf(serving)} bypassrls; grant freehold_${serving} to ${roleOf(serving)}`,
      )
  // Planned once a role instead of each time: what a generic plan finds is the same, and planning was most of the time.
  await db.query('set plan_cache_mode = force_generic_plan')
  const contexts = new Map<string, string>()
  const contextOf = (tenant: Tenant, person: string | null) => {
    const name = `${tenant} ${person}`
    const claims: ContextClaims = {
      mode: 'user',
      tenantId: idFor(tenant),
      userId: person === null ? null : idFor(person),
      sessionId: null,
    }
    const context = contexts.get(name) ?? signContext(key, claims)
    contexts.set(name, context)
    return context
  }
  return {
    layer,
    db,
    begin: 'begin',
    end: 'rollback',
    roleOf,
    become: (tenant, person) =>
      `set local role ${roleOf(servingOf(tenant))}; select set_config('wall.ctx', '${contextOf(tenant, person)}', true);`,
    asSent: (text) => (layer === 'no-filters' ? withoutFilters(text) : text),
    close: async () => {
      if (bypassing)
        for (const serving of ['tenant', 'master', 'union', 'system'] as const)
          await db
            .query(`drop owned by ${roleOf(serving)}; drop role ${roleOf(serving)}`)
            .catch(() => undefined)
      await db.end()
    },
  }
}
