import type { z } from 'zod'
import { labelOfKind } from '@/lib/resource-kinds/registry'
import type { SignedInOp } from '@/server/context/op'
import { inDrill } from '@/server/db/scope'
import { listSeen, type SeenRow } from '@/server/features/resources/seen.service'
import { numbered, pageOf, readPosition } from '@/server/platform/cursor'
import { totals } from '@/server/platform/page-schema'
import { capOfTenant, eyesOf } from './eyes'
import { noteLook, subtenant } from './look'
import type { tenantResourcesInput, tenantResourcesOutput } from './see-as.schema'

/** Says in both logs that one is about to look. @returns whether it was written now @throws AppError not_found */
export async function openDrill(op: SignedInOp, tenantId: string): Promise<boolean> {
  const noted = await noteLook(op, await subtenant(op, tenantId), 'drill')
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
  const { tenantId, roleId, kind, search, cursor, limit } = input
  const tenant = await subtenant(op, tenantId)
  const scope = `tenantResources:${JSON.stringify([tenantId, roleId, kind, search])}`
  const query = {
    kind,
    search,
    sort: 'name' as const,
    desc: false,
    limit,
    counted: true,
    position: readPosition(op, scope, cursor),
  }
  await noteLook(op, tenant, 'drill')
  const cap = await capOfTenant(op, tenantId)
  const rows = await inDrill(op, tenantId, async (tx) =>
    listSeen(tx, await eyesOf(tx, tenantId, roleId, cap), query),
  )
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
