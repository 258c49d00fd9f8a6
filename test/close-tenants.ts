import type pg from 'pg'
import { TENANTS } from '@/test/actors'
import { canary } from '@/test/canary'
import { tenantId } from '@/test/factories'

/** Disables and deletes those that end so. */
export async function closeTenants(db: pg.Client): Promise<void> {
  for (const key of ['C', 'E'] as const) {
    const { status } = TENANTS[key]
    await db.query(
      `update tenant set status = $1, status_reason = $2, disabled_at = now(),
         deleted_at = case when $1 = 'deleted' then now() end, purge_after = case when $1 = 'deleted' then now() + interval '30 days' end
       where id = $3`,
      [status, canary(key, 'status reason'), tenantId(key)],
    )
  }
  await db.query(
    `insert into slug_rest (slug, tenant_id, until) values ('ended', $1, now() + interval '90 days'), ('rested', $1, now() + interval '90 days')`,
    [tenantId('E')],
  )
}
