import type { SignedInOp } from '@/server/context/op'
import { type AuditEntry, eventOf, MOST_LOGS, writeAudit } from '@/server/db/audit-write'
import type { Mutation } from '@/server/db/scope'
import { callSystem } from '@/server/db/system'

/**
 * Writes rows of a change beside its own one. Those of the first hundred other logs go with the change itself, the others' after it: a
 * transaction cannot hold the chains of ten thousand logs. There a subtenant is named, and not the person or the address.
 * @param entries each of the acting tenant's log, or of `onlyIn` one other
 */
export async function tellLogs(
  m: Pick<Mutation, 'tx' | 'after'>,
  op: SignedInOp,
  entries: readonly AuditEntry[],
): Promise<void> {
  const logs = [...new Set(entries.flatMap(({ onlyIn = [] }) => onlyIn))]
  const late = new Set(logs.slice(MOST_LOGS))
  const isLate = ({ onlyIn = [] }: AuditEntry) => onlyIn.some((id) => late.has(id))
  for (const entry of entries) if (!isLate(entry)) await writeAudit(m.tx, op, entry)
  const rest = entries.filter(isLate)
  if (rest.length === 0) return
  const { isMaster, name } = op.tenant
  const by = isMaster ? `${op.actor.displayName} (${op.actor.username})` : name
  m.after(async () => {
    for (const entry of rest)
      for (const tenantId of entry.onlyIn ?? [])
        await callSystem('audit_system', [
          tenantId,
          null,
          by,
          isMaster ? eventOf(op, entry) : { ...eventOf(op, entry), ip: '' },
        ])
  })
}
