import type pg from 'pg'
import { MASTER_TENANT_ID } from '@/lib/master'
import { canary, idOf } from '@/test/canary'
import { insert, tenantId, userId } from '@/test/factories'

const HOUR = 3600

/** What the provider did in Acme and Bolt. */
export async function plantImpersonations(db: pg.Client): Promise<void> {
  for (const key of ['A', 'B'] as const) await plantAsked(db, key)
}

/** Mara asked to act as somebody of the tenant, and waits; she did once, and was there under her own name, too. */
async function plantAsked(db: pg.Client, key: 'A' | 'B'): Promise<void> {
  const [tenant_id, past] = [tenantId(key), idOf(`session of past impersonation ${key}`)]
  const who = { actor_id: userId('Mara'), actor_name: 'Mara' }
  const whom = {
    subject_id: userId(key === 'A' ? 'Eve' : 'Bolt Tom'),
    subject_name: canary(key, 'impersonation subject'),
  }
  const row = {
    ...who,
    ...whom,
    tenant_id,
    reason: canary(key, 'impersonation reason'),
    minutes: 30,
    read_only: true,
  }
  const ago = (hours: number) => new Date(Date.now() - hours * HOUR * 1000)
  const ended = {
    session_id: past,
    started_at: ago(3),
    ends_at: ago(2.5),
    ended_at: ago(2.9),
    ended_why: 'quit',
  }
  await insert(db, 'impersonation', [
    { ...row, id: idOf(`impersonation ${key} asked`), asked: true },
    { ...row, id: idOf(`impersonation ${key} past`), created_at: ago(3), ...ended },
  ])
  const event = { ...who, tenant_id, actor_tenant_id: MASTER_TENANT_ID }
  const acting = { ...whom, acting_session_id: past, acting_reason: canary(key, 'impersonation reason') }
  await insert(db, 'audit_event', [
    { ...event, ...acting, event: 'impersonation.enter' },
    { ...event, ...acting, event: 'impersonation.quit' },
    { ...event, event: 'tenant.drill_in' },
    { ...event, event: 'tenant.drill_in' },
  ])
}
