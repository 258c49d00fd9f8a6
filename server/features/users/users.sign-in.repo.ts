import type { Tx, WriteTx } from '@/server/db/scope'

/** Which second factors somebody homed in the acting tenant has; what they are made of nobody reads. */
export async function factorsOf(
  tx: Tx,
  tenantId: string,
  userId: string,
): Promise<{ app: boolean; passkeys: number }> {
  const [app, passkeys] = [
    await tx.userTotp.findFirst({ where: { userId, tenantId }, select: { userId: true } }),
    await tx.userPasskey.findMany({ where: { userId, tenantId }, select: { id: true } }),
  ]
  return { app: app !== null, passkeys: passkeys.length }
}

/** Removes them all. @throws what the wall says of somebody homed elsewhere */
export async function clearFactors(tx: WriteTx, userId: string): Promise<{ app: boolean; passkeys: number }> {
  const rows = await tx.$queryRaw<{ removed: { app: boolean; passkeys: number } }[]>`
    select wall.second_factor_clear(${userId}::uuid) as removed`
  return rows[0]?.removed ?? { app: false, passkeys: 0 }
}

/** @param homeTenantId where the person is at home, as who asks was told */
export async function isVerified(tx: Tx, homeTenantId: string, id: string): Promise<boolean> {
  const user = await tx.user.findFirst({ where: { id, homeTenantId }, select: { emailVerifiedAt: true } })
  return user?.emailVerifiedAt != null
}
