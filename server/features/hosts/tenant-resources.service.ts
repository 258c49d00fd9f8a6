import type { z } from 'zod'
import { labelOfKind } from '@/lib/resource-kinds/registry'
import type { SignedInOp } from '@/server/context/op'
import { inDrill, inTenant, mutate } from '@/server/db/scope'
import { systemValue } from '@/server/db/system'
import { tenantChoice } from '@/server/features/tenants/tenants.service'
import type { tenantResourcesInput, tenantResourcesOutput } from '@/server/features/hosts/hosts.schema'
import { listSeen, type SeenRow } from '@/server/features/resources/seen.service'
import { numbered, pageOf, readPosition } from '@/server/platform/cursor'
import { notFound } from '@/server/platform/errors'
import { forgetAttempts } from '@/server/platform/rate-limit'
import { totals } from '@/server/platform/page-schema'

const NOTED_FOR_SECONDS = 60

/** The subtenant that is drilled into. @throws AppError not_found, also for the master itself: it is not looked into from outside */
async function subtenant(op: SignedInOp, id: string) {
  if (id === op.tenant.id) throw notFound()
  return inTenant(op, (tx) => tenantChoice(tx, id))
}

/**
 * Says in both logs that the master looks at what a tenant sees (PRODUCT rule 2), at most once a minute per session and
 * tenant, so that paging does not flood them. @returns whether it was written now
 */
async function noteDrill(op: SignedInOp, tenant: { id: string; name: string }): Promise<boolean> {
  const bucket = `drill:${op.session.id}:${tenant.id}`
  const wait = await systemValue<number, 'rate_hit'>('rate_hit', [bucket, NOTED_FOR_SECONDS, 1])
  if (wait > 0) return false // it was, less than a minute ago
  try {
    await mutate(op, async ({ audit }) => {
      audit({
        event: 'tenant.drill_in',
        targetKind: 'tenant',
        targetId: tenant.id,
        targetName: tenant.name,
        alsoIn: [tenant.id],
      })
    })
  } catch (error) {
    await forgetAttempts(bucket) // not written: the next look is the first
    throw error
  }
  return true
}

/** Says in both logs that one is about to look. @returns whether it was written now @throws AppError not_found */
export async function openDrill(op: SignedInOp, tenantId: string): Promise<boolean> {
  const noted = await noteDrill(op, await subtenant(op, tenantId))
  if (op.call) op.call.audited = true
  return noted
}

function through(tenantId: string, row: SeenRow): 'own' | 'assigned' | 'public' | 'granted' {
  if (row.ownerId === tenantId) return 'own'
  if (row.assignedId === tenantId) return 'assigned'
  return row.visibility === 'public' ? 'public' : 'granted'
}

/**
 * What a subtenant sees, through its own eyes: the same arms and the same policies as its own lists. Nobody looks unrecorded,
 * whether or not `open` was called before.
 */
export async function listTenantResources(
  op: SignedInOp,
  input: z.output<typeof tenantResourcesInput>,
): Promise<z.output<typeof tenantResourcesOutput>> {
  const { tenantId, search, cursor, limit } = input
  const tenant = await subtenant(op, tenantId)
  const scope = `tenantResources:${JSON.stringify([tenantId, search])}`
  const query = {
    search,
    sort: 'name' as const,
    desc: false,
    limit,
    counted: true,
    position: readPosition(op, scope, cursor),
  }
  await noteDrill(op, tenant)
  const rows = await inDrill(op, tenantId, (tx) => listSeen(tx, { tenantId, isMaster: false }, query))
  const { from, numberOf } = numbered(query.position, Math.min(rows.length, limit))
  const page = pageOf(op, scope, rows, limit, query.position, (row, toBack) => [
    row.kind,
    row.name,
    row.id,
    numberOf(toBack),
  ])
  return {
    ...page,
    tenant,
    from,
    rows: page.rows.map((row) => ({
      id: row.id,
      kind: row.kind,
      kindLabel: labelOfKind(row.kind),
      name: row.name,
      status: row.status,
      lastSeenAt: row.lastSeenAt?.toISOString() ?? null,
      createdAt: row.createdAt.toISOString(),
      through: through(tenantId, row),
    })),
    ...totals(Number(rows[0]?.total ?? 0)),
  }
}
