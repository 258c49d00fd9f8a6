import type { SignedInOp } from '@/server/context/op'
import { inDrill } from '@/server/db/scope'
import { numbered, pageOf, readPosition } from '@/server/platform/cursor'
import { conflict } from '@/server/platform/errors'
import { totals } from '@/server/platform/page-schema'
import * as repo from './tenants.agents.repo'
import type { TenantAgent, TenantAgents } from './tenants.schema'
import { subtenantOf } from './tenants.service'

function toRow({ id, name, lastSeenAt, toldAt, goneAt }: repo.AgentRecord): TenantAgent {
  return {
    id,
    name,
    state: goneAt ? 'gone' : toldAt ? 'told' : 'silent',
    lastSeenAt: lastSeenAt?.toISOString() ?? null,
    toldAt: toldAt?.toISOString() ?? null,
    goneAt: goneAt?.toISOString() ?? null,
  }
}

/**
 * The agents of a deleted tenant: each is told to uninstall with its next report (PRODUCT rule 18), and says when it did.
 * @throws AppError 404, 409 for a tenant that is not deleted
 */
export async function listTenantAgents(
  op: SignedInOp,
  { id, cursor, limit }: { id: string; cursor?: string; limit: number },
): Promise<TenantAgents> {
  const tenant = await subtenantOf(op, id)
  if (tenant.status !== 'deleted') throw conflict('This tenant is not deleted: its agents report')
  const scope = `tenant agents:${id}`
  const position = readPosition(op, scope, cursor)
  return inDrill(op, id, async (tx) => {
    const fetched = await repo.listAgents(tx, id, position, limit)
    const { from, numberOf } = numbered(position, Math.min(fetched.length, limit))
    const page = pageOf(op, scope, fetched, limit, position, (row, toBack) => [
      row.name,
      row.id,
      numberOf(toBack),
    ])
    const { total, told, gone } = await repo.countAgents(tx, id)
    return { ...page, rows: page.rows.map(toRow), from, ...totals(total), told, gone }
  })
}
