import { type Effect, effectLines } from '@/lib/effects'
import type { ScopeOp, WriteTx } from '@/server/db/scope'
import { redact } from '@/server/platform/redact'

/** What a mutation says of itself. Names and ids of what was acted on; before and after without secrets. */
export interface AuditEntry {
  /** When it is not the event that the procedure declares. */
  event?: string
  targetKind: string
  targetId: string
  targetName?: string
  reason?: string
  before?: Record<string, unknown>
  after?: Record<string, unknown>
  /** Tenants in whose logs it stands, beside the acting one. */
  alsoIn?: string[]
  /** Who gained and who lost what: stands in `after.effects`, in each tenant's log only its own lines. */
  effects?: readonly Effect[]
  /** The only logs it stands in, without the acting tenant's: for what two tenants may not both read. */
  onlyIn?: string[]
}

/** So many lines stand in one row, so many other tenants' logs get a row in the mutation's own transaction. */
const MOST_LINES = 200
export const MOST_LOGS = 100

/** The lines of one log; null where there is none. */
export function linesOf(effects: readonly Effect[], tenantId?: string): string[] | null {
  const lines = effectLines(effects, tenantId)
  const more = lines.length - MOST_LINES
  return more > 0 ? [...lines.slice(0, MOST_LINES), `and ${more} more`] : lines.length > 0 ? lines : null
}

/** Writes the audit row(s) of a mutation in its own transaction (PRODUCT rule 15). */
export async function writeAudit(
  tx: WriteTx,
  op: ScopeOp,
  entry: AuditEntry,
  provider?: string,
): Promise<void> {
  const logs = entry.onlyIn ?? [op.tenant.id, ...(provider ? [provider] : []), ...(entry.alsoIn ?? [])]
  const { effects } = entry
  // What the provider does in a subtenant concerns that one alone: one row for both logs.
  if (!effects || provider) return write(tx, logs, eventOf(op, entry, effects && linesOf(effects)))
  // The acting tenant's log has all lines: the master's those of every tenant, a subtenant's its own, of which there are no others.
  await write(tx, [op.tenant.id], eventOf(op, entry, linesOf(effects)))
  const others = [...new Set([...logs, ...effects.map(({ tenantId }) => tenantId)])]
  for (const tenantId of others.filter((id) => id !== op.tenant.id).slice(0, MOST_LOGS))
    await write(tx, [tenantId], eventOf(op, entry, linesOf(effects, tenantId)))
}

/** As writeAudit, for many things at once that nobody gains or loses anything by: one statement, rows in the order given. */
export async function writeAudits(
  tx: WriteTx,
  op: ScopeOp,
  entries: readonly Omit<AuditEntry, 'effects'>[],
): Promise<void> {
  const rows = entries.map((entry) => ({
    logs: entry.onlyIn ?? [op.tenant.id, ...(entry.alsoIn ?? [])],
    event: eventOf(op, entry),
  }))
  await tx.$executeRaw`
    select wall.audit_write(array(select jsonb_array_elements_text(y.e -> 'logs'))::uuid[], y.e -> 'event')
    from (select x.e from jsonb_array_elements(${JSON.stringify(rows)}::jsonb) with ordinality x(e, n) order by x.n) y`
}

/** An event as the log takes it. */
export function eventOf(op: ScopeOp, entry: AuditEntry, effects?: string[] | null) {
  const after = effects ? { ...entry.after, effects } : entry.after
  return {
    event: entry.event ?? op.call?.declaration.audit,
    targetKind: entry.targetKind,
    targetId: entry.targetId,
    targetName: entry.targetName ?? '',
    reason: entry.reason ?? '',
    before: redact(entry.before),
    after: redact(after),
    ip: op.ip,
    requestId: op.requestId,
  }
}

async function write(tx: WriteTx, logs: readonly string[], event: object): Promise<void> {
  await tx.$executeRaw`select wall.audit_write(${[...logs]}::uuid[], ${JSON.stringify(event)}::jsonb)`
}
