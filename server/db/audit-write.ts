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
  /** The only logs it stands in, without the acting tenant's: for what two tenants may not both read. */
  onlyIn?: string[]
}

/** Writes the audit row(s) of a mutation in its own transaction (PRODUCT rule 15). */
export async function writeAudit(
  tx: WriteTx,
  op: ScopeOp,
  entry: AuditEntry,
  provider?: string,
): Promise<void> {
  const event = {
    event: entry.event ?? op.call?.declaration.audit,
    targetKind: entry.targetKind,
    targetId: entry.targetId,
    targetName: entry.targetName ?? '',
    reason: entry.reason ?? '',
    before: redact(entry.before),
    after: redact(entry.after),
    ip: op.ip,
    requestId: op.requestId,
  }
  const logs = entry.onlyIn ?? [op.tenant.id, ...(provider ? [provider] : []), ...(entry.alsoIn ?? [])]
  await tx.$executeRaw`select wall.audit_write(${logs}::uuid[], ${JSON.stringify(event)}::jsonb)`
}
