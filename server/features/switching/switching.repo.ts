import type { Tx } from '@/server/db/scope'

export interface MyTenantRow {
  id: string
  slug: string
  name: string
  icon: string
  home: boolean
  lastAt: Date | null
  total: bigint
}

/** Tenants that the person of this union may enter; the latest first, then by name. `total` stops at 101. */
export const listMyTenants = (tx: Tx, search: string, limit: number): Promise<MyTenantRow[]> =>
  tx.$queryRaw<MyTenantRow[]>`
    select id, slug, name, icon, home, last_at as "lastAt", total from wall.my_tenants(${search}, ${limit}::int)`

/** One tenant of this union. */
export const findMyTenant = (tx: Tx, id: string) =>
  tx.tenant.findFirst({ where: { id }, select: { id: true, slug: true, name: true, icon: true } })

/** Whether the person of this union may enter more than one tenant. */
export async function haveSeveral(tx: Tx): Promise<boolean> {
  const rows = await tx.$queryRaw<{ several: boolean }[]>`select wall.several_tenants() as several`
  return rows[0]?.several ?? false
}
