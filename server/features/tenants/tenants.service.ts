import { CURRENCIES, currencyLabel } from '@/lib/currency'
import { MASTER_TENANT_ID } from '@/lib/master'
import { tenantOrigin } from '@/lib/paths'
import type { SignedInOp } from '@/server/context/op'
import { siteConfig } from '@/server/context/site'
import { inTenant, type Tx } from '@/server/db/scope'
import { numbered, pageOf, readPosition } from '@/server/platform/cursor'
import { notFound } from '@/server/platform/errors'
import { totals } from '@/server/platform/page-schema'
import { createRefusal, tenantAbilities } from './tenants.policy'
import * as repo from './tenants.repo'
import type { TenantDetail, TenantFilter, TenantRow } from './tenants.schema'

const addressOf = (tenant: { id: string; slug: string }): string =>
  tenantOrigin(tenant.id === MASTER_TENANT_ID ? null : tenant.slug, siteConfig())

type Counts = { instances: number; users: number } | undefined

function toRow(op: SignedInOp, t: repo.TenantRecord, counts: Counts): TenantRow {
  return {
    id: t.id,
    name: t.name,
    slug: t.slug,
    icon: t.icon,
    master: t.id === MASTER_TENANT_ID,
    status: t.status,
    statusReason: t.statusReason,
    role: t.roleId === null || t.roleName === null ? null : { id: t.roleId, name: t.roleName },
    totalInstances: counts?.instances ?? 0,
    totalUsers: counts?.users ?? 0,
    createdAt: t.createdAt.toISOString(),
    purgeAfter: t.purgeAfter?.toISOString() ?? null,
    ...tenantAbilities(op, t),
  }
}

/** A page of all tenants, the master among them. @throws AppError invalid_input for a cursor of another list */
export function listTenants(op: SignedInOp, input: TenantFilter & { cursor?: string; limit: number }) {
  const list = `tenants:${input.sort}:${input.desc}`
  const position = readPosition(op, list, input.cursor)
  return inTenant(op, async (tx) => {
    const fetched = await repo.listTenants(tx, input, position, input.limit)
    const { from, numberOf } = numbered(position, Math.min(fetched.length, input.limit))
    const page = pageOf(op, list, fetched, input.limit, position, (row, toBack) => [
      ...repo.sortValues(input.sort, row),
      numberOf(toBack),
    ])
    const counts = await repo.totalsOf(
      tx,
      page.rows.map(({ id }) => id),
    )
    const rows = page.rows.map((row) => toRow(op, row, counts.get(row.id)))
    const refusal = createRefusal(op)
    const abilities = { can: { create: refusal === null }, why: { create: refusal?.message } }
    return { ...page, rows, from, ...totals(await repo.countTenants(tx, input)), ...abilities }
  })
}

/** All tenants that fit the filter, in batches for an export: one short transaction each. */
export async function* everyTenant(op: SignedInOp, filter: TenantFilter): AsyncGenerator<TenantRow[]> {
  let cursor: string | undefined
  do {
    const page = await listTenants(op, { ...filter, cursor, limit: 500 })
    yield page.rows
    cursor = page.nextCursor
  } while (cursor !== undefined)
}

/** One tenant with everything the master may know of it. @throws AppError 404 */
export function getTenant(op: SignedInOp, id: string): Promise<TenantDetail> {
  return inTenant(op, async (tx) => {
    const t = await repo.findTenant(tx, id)
    if (!t) throw notFound()
    const counts = (await repo.totalsOf(tx, [id])).get(id)
    const record = {
      ...t,
      status: t.status as TenantRow['status'],
      roleId: t.tenantRole?.id ?? null,
      roleName: t.tenantRole?.name ?? null,
    }
    return {
      ...toRow(op, record, counts),
      description: t.description,
      currency: t.currency,
      currencyLabel: currencyLabel(t.currency),
      accountNumber: t.accountNumber,
      accountName: t.accountName,
      customerNumber: t.customerNumber,
      address: addressOf(t),
      updatedAt: t.updatedAt.toISOString(),
      disabledAt: t.disabledAt?.toISOString() ?? null,
      deletedAt: t.deletedAt?.toISOString() ?? null,
    }
  })
}

/** The subtenant, for features that act in it on the master's behalf. @throws AppError 404, also for the master itself */
export async function subtenantOf(op: SignedInOp, id: string): Promise<repo.FullTenant> {
  const tenant = id === MASTER_TENANT_ID ? null : await inTenant(op, (tx) => repo.findTenant(tx, id))
  if (!tenant) throw notFound()
  return tenant
}

/** What stands before and after the subdomain in a tenant's address. */
export function addressParts(): { before: string; after: string } {
  const [before = '', after = ''] = tenantOrigin('\n', siteConfig()).split('\n')
  return { before, after }
}

/** What the form for a tenant offers. */
export function tenantFormOptions() {
  return {
    currencies: CURRENCIES.map((value) => ({ value, label: currencyLabel(value) })),
    address: addressParts(),
  }
}

/** A tenant that something is given to or looked at, the master among them. @throws AppError 404 */
export async function tenantChoice(tx: Tx, id: string): Promise<repo.TenantChoice> {
  const tenant = await repo.findTenantChoice(tx, id)
  if (!tenant) throw notFound()
  return tenant
}

/** Tenants that the master may give to, with itself: that takes back. */
export async function tenantChoices(op: SignedInOp, search: string) {
  const rows = await inTenant(op, (tx) => repo.findTenantChoices(tx, search, 50))
  return rows.map(({ id, name, icon }) => ({ id, name, icon }))
}
