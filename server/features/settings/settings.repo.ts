import type { Tx, WriteTx } from '@/server/db/scope'

/** Hosts and living tenants, the master among them, over the whole installation. */
export async function licenceUsage(tx: Tx): Promise<{ hosts: number; tenants: number }> {
  const rows = await tx.$queryRaw<
    { usage: { hosts: number; tenants: number } }[]
  >`select wall.licence_usage() as usage`
  return rows[0]?.usage ?? { hosts: 0, tenants: 0 }
}

/** Sets the toggle. @returns as it was */
export async function setMultiTenancy(tx: WriteTx, enabled: boolean): Promise<boolean> {
  const rows = await tx.$queryRaw<
    { was: boolean }[]
  >`select multi_tenant_enabled as was from installation where id = 1`
  await tx.$executeRaw`update installation set multi_tenant_enabled = ${enabled} where id = 1`
  return rows[0]?.was ?? false
}

/** Whether shares wait for their target. */
export async function requiresAcceptance(tx: Tx): Promise<boolean> {
  const rows = await tx.$queryRaw<
    { value: boolean }[]
  >`select shares_require_acceptance as value from installation where id = 1`
  return rows[0]?.value ?? false
}

export async function setRequiresAcceptance(tx: WriteTx, value: boolean): Promise<void> {
  await tx.$executeRaw`update installation set shares_require_acceptance = ${value} where id = 1`
}
