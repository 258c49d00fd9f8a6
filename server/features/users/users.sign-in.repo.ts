import type { Tx, WriteTx } from '@/server/db/scope'

/** Which second factors somebody homed in the acting tenant has; what they are made of nobody reads. */
export async function factorsOf(tx: Tx, userId: string): Promise<{ app: boolean; passkeys: number }> {
  const [app, passkeys] = [
    await tx.userTotp.findFirst({ where: { userId }, select: { userId: true } }),
    await tx.userPasskey.findMany({ where: { userId }, select: { id: true } }),
  ]
  return { app: app !== null, passkeys: passkeys.length }
}

/** Removes them all. @throws what the wall says of somebody homed elsewhere */
export async function clearFactors(tx: WriteTx, userId: string): Promise<{ app: boolean; passkeys: number }> {
  const rows = await tx.$queryRaw<{ removed: { app: boolean; passkeys: number } }[]>`
    select wall.second_factor_clear(${userId}::uuid) as removed`
  return rows[0]?.removed ?? { app: false, passkeys: 0 }
}

export async function isVerified(tx: Tx, id: string): Promise<boolean> {
  const user = await tx.user.findUnique({ where: { id }, select: { emailVerifiedAt: true } })
  return user?.emailVerifiedAt != null
}
