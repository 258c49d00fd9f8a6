import type { SecurityPolicy } from '@/lib/security-policy'
import type { Tx, WriteTx } from '@/server/db/scope'

export interface StoredPolicy {
  /** Null: the tenant asks for nothing of its own. */
  own: SecurityPolicy | null
  /** Null in the master. */
  floor: SecurityPolicy | null
}

/** What the acting tenant asks for, and the floor under it. */
export async function readPolicy(tx: Tx): Promise<StoredPolicy> {
  const [row] = await tx.$queryRaw<{ value: StoredPolicy }[]>`select wall.ctx_policy() as value`
  return row?.value ?? { own: null, floor: null }
}

/** Writes the acting tenant's policy, and lets it hold for the sessions under way. @returns how many sessions ended */
export async function writePolicy(tx: WriteTx, tenantId: string, p: SecurityPolicy): Promise<number> {
  const data = { ...p, updatedAt: new Date() }
  await tx.tenantPolicy.upsert({ where: { tenantId }, create: { tenantId, ...data }, update: data })
  const [row] = await tx.$queryRaw<{ n: number }[]>`select wall.policy_applied() as n`
  return row?.n ?? 0
}
