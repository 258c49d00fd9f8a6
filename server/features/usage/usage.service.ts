import { MASTER_TENANT_ID } from '@/lib/master'
import { can, type SignedInOp } from '@/server/context/op'
import { inTenant, mutate, type Tx } from '@/server/db/scope'
import { hostUsage } from '@/server/features/settings/settings.service'
import { tenantChoice } from '@/server/features/tenants/tenants.service'
import { numbered, pageOf, readPosition } from '@/server/platform/cursor'
import { totals } from '@/server/platform/page-schema'
import * as repo from './usage.repo'
import {
  type HostWarning,
  MONTHS_KEPT,
  type PoolView,
  type TenantUsage,
  type UsageListInput,
  type UsagePage,
  type UsageRow,
} from './usage.schema'
import { lastMonths, levelOf } from './usage.words'

const MAY_LOOK = 'Your role may see tenants, not change them'

/** The pool of hosts: what of the licence is used, what is promised in slices, and the last months. */
export async function poolOf(op: SignedInOp): Promise<PoolView> {
  const { used, limit } = await hostUsage(op)
  const slice = can(op, 'tenants', 'full')
  return inTenant(op, async (tx) => ({
    used,
    limit,
    level: levelOf(used, limit),
    slices: await repo.sliceSum(tx),
    months: await repo.poolMonths(tx, MONTHS_KEPT + 1),
    can: { slice },
    why: { slice: slice ? undefined : MAY_LOOK },
  }))
}

const toRow = ({ key: _, ...row }: repo.UsageRecord): UsageRow => ({
  ...row,
  master: row.id === MASTER_TENANT_ID,
  level: levelOf(row.hosts, row.slice),
})

/** A page of all tenants with their hosts, slices and a month. @throws AppError invalid_input for a cursor of another list */
export function listUsage(op: SignedInOp, input: UsageListInput): Promise<UsagePage> {
  const month = input.month ?? lastMonths(1)[0] ?? ''
  const list = `usage:${month}:${input.sort}:${input.desc}:${input.search}`
  const position = readPosition(op, list, input.cursor)
  return inTenant(op, async (tx) => {
    const fetched = await repo.listUsage(tx, month, input, position)
    const { from, numberOf } = numbered(position, Math.min(fetched.length, input.limit))
    const page = pageOf(op, list, fetched, input.limit, position, (row, toBack) => [
      row.key,
      row.id,
      numberOf(toBack),
    ])
    const counted = await repo.countUsage(tx, month, input)
    return { ...page, rows: page.rows.map(toRow), from, month, ...totals(counted) }
  })
}

async function usageWithin(tx: Tx, tenantId: string): Promise<TenantUsage> {
  const now = await repo.tenantNow(tx, tenantId)
  return {
    ...now,
    level: levelOf(now.hosts, now.slice),
    months: await repo.monthsOf(tx, tenantId, MONTHS_KEPT + 1),
  }
}

/** One tenant's hosts, slice and months, for its provider. @throws AppError not_found */
export function usageOf(op: SignedInOp, tenantId: string): Promise<TenantUsage> {
  return inTenant(op, async (tx) => {
    await tenantChoice(tx, tenantId)
    return usageWithin(tx, tenantId)
  })
}

/**
 * Gives a tenant at most so many hosts of the licence's; null: as many as there are. Holds from now on: what it has already, it
 * keeps. Slices may come to more than the licence covers. @throws AppError not_found
 */
export function setSlice(op: SignedInOp, { tenantId, hosts }: { tenantId: string; hosts: number | null }) {
  return mutate(
    op,
    async ({ tx, audit }) => {
      const tenant = await tenantChoice(tx, tenantId)
      const before = await repo.tenantNow(tx, tenantId)
      await repo.setSlice(tx, tenantId, hosts)
      audit({
        targetKind: 'tenant',
        targetId: tenantId,
        targetName: tenant.name,
        before: { hosts: before.slice },
        after: { hosts },
        alsoIn: [tenantId],
      })
      return { tenantId, hosts: before.hosts, slice: hosts }
    },
    // Whatever adds a host to the tenant is done by then, or begins under the new slice.
    { exclusive: [tenantId] },
  )
}

/** What the list of hosts warns of: to a tenant its slice, to the provider the whole pool before its own slice. */
export async function hostWarningOf(op: SignedInOp): Promise<HostWarning> {
  if (op.tenant.isMaster) {
    const { used, limit } = await hostUsage(op)
    const level = levelOf(used, limit)
    if (limit !== null && level > 0) return { of: 'licence', level, used, most: limit }
  }
  const { hosts, slice } = await inTenant(op, (tx) => repo.tenantNow(tx, op.tenant.id))
  const level = levelOf(hosts, slice)
  return slice !== null && level > 0 ? { of: 'slice', level, used: hosts, most: slice } : null
}
