import { MASTER_TENANT_ID } from '@/lib/master'
import type { SignedInOp } from '@/server/context/op'
import { asJob, inTenant, type Tx } from '@/server/db/scope'
import { type ChainVerdict, verifyLinks } from '@/server/features/audit/audit.chain'
import {
  type AuditDbRow,
  countChain,
  findChain,
  findOfAll,
  findOfTenant,
  findSeals,
  findTenants,
  tenantExists,
} from '@/server/features/audit/audit.repo'
import type { AuditFilters, AuditRow } from '@/server/features/audit/audit.schema'
import { notFound } from '@/server/platform/errors'
import { pageOf, type Position, readPosition } from '@/server/platform/cursor'

const CHAIN_PAGE = 5000
const ZERO = '0'.repeat(64)

/** The acting tenant's own log. */
export function listOwn(op: SignedInOp, filters: AuditFilters) {
  return page(
    op,
    `audit:${op.tenant.id}`,
    filters,
    (tx, position) => findOfTenant(tx, op.tenant.id, filters, position),
    (row) => [String(row.n)],
  )
}

/** The logs of all tenants, or of one of them: the master's view (PRODUCT rule 15). */
export function listAll(op: SignedInOp, filters: AuditFilters, tenantId?: string) {
  const values = (row: AuditDbRow) => [String(row.at_us), row.id]
  return page(
    op,
    `audit-all:${tenantId ?? ''}`,
    filters,
    (tx, position) => findOfAll(tx, tenantId, filters, position),
    values,
  )
}

/** One tenant's log for the master. @throws AppError not_found */
export async function listOfTenant(op: SignedInOp, filters: AuditFilters, tenantId: string) {
  if (!(await inTenant(op, (tx) => tenantExists(tx, tenantId)))) throw notFound()
  return listAll(op, filters, tenantId)
}

async function page(
  op: SignedInOp,
  scope: string,
  filters: AuditFilters,
  find: (tx: Tx, position: Position | null) => Promise<AuditDbRow[]>,
  valuesOf: (row: AuditDbRow) => string[],
) {
  const position = readPosition(op, scope, filters.cursor)
  const found = await inTenant(op, (tx) => find(tx, position))
  const result = pageOf(op, scope, found, filters.limit, position, valuesOf)
  return { ...result, rows: result.rows.map(present) }
}

function present(row: AuditDbRow): AuditRow {
  return {
    id: row.id,
    n: Number(row.n),
    at: row.at.toISOString(),
    tenant: { id: row.tenant_id, name: row.tenant_name, slug: row.tenant_slug, icon: row.tenant_icon },
    actor: {
      id: row.actor_id,
      name: row.actor_name,
      fromProvider: row.actor_tenant_id === MASTER_TENANT_ID && row.tenant_id !== MASTER_TENANT_ID,
    },
    acting:
      row.acting_session_id === null && row.subject_id === null
        ? null
        : {
            id: row.subject_id,
            name: row.subject_name,
            reason: row.acting_reason,
            sessionId: row.acting_session_id,
          },
    event: row.event,
    target: { kind: row.target_kind, id: row.target_id, name: row.target_name },
    result: row.result,
    reason: row.reason,
    before: row.before,
    after: row.after,
    ip: row.ip,
    requestId: row.request_id,
  }
}

/**
 * Recomputes the tenant's hash chain from its events: an event that was edited, removed, inserted or moved breaks it. A log
 * cut off at its end shows only against a head that was written down elsewhere.
 */
export function verifyOwn(op: SignedInOp) {
  return inTenant(op, (tx) => verifyChain(tx, op.tenant.id))
}

async function verifyChain(tx: Tx, tenantId: string) {
  let head = ZERO
  let n = 0n
  for (;;) {
    const seals = await findSeals(tx, tenantId, n, CHAIN_PAGE)
    for (const seal of seals) {
      if (seal.n !== n + 1n || seal.prev !== head || !seal.fits)
        return { checked: Number(n), intact: false, brokenAt: Number(n + 1n), head }
      head = seal.hash
      n = seal.n
    }
    if (seals.length < CHAIN_PAGE) break
  }
  const { events, seals } = await countChain(tx, tenantId)
  const intact = events === seals && seals === Number(n)
  return { checked: Number(n), intact, brokenAt: intact ? null : Number(n) + 1, head }
}

/** Verifies every tenant's chain outside of the database, for `npm run audit:verify`. */
export async function verifyEveryChain(): Promise<({ slug: string } & ChainVerdict)[]> {
  const tenants = await asJob(MASTER_TENANT_ID, findTenants)
  const verdicts = []
  for (const { id, slug } of tenants) {
    let verdict: ChainVerdict | undefined
    for (;;) {
      const rows = await asJob(MASTER_TENANT_ID, (tx) => findChain(tx, id, verdict?.checked ?? 0, CHAIN_PAGE))
      verdict = verifyLinks(rows, verdict)
      if (verdict.brokenAt !== null || rows.length < CHAIN_PAGE) break
    }
    const { events, seals } = await asJob(MASTER_TENANT_ID, (tx) => countChain(tx, id))
    const complete = events === seals && seals === verdict.checked
    verdicts.push({ slug, ...verdict, brokenAt: verdict.brokenAt ?? (complete ? null : verdict.checked + 1) })
  }
  return verdicts
}
