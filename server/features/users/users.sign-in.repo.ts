import type { Tx, WriteTx } from '@/server/db/scope'
import { findSession, listSessions, endSessions, type Whose } from '@/server/features/sessions/sessions.repo'

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

/** Live ones in this tenant, latest use first; 100 at most. */
export const sessionsOf = (tx: Tx, whose: Whose) => listSessions(tx, whose)

/** Ends one of them. @returns its browser; null: there is none of that person's */
export async function endSession(tx: WriteTx, whose: Whose, id: string): Promise<string | null> {
  const session = await findSession(tx, whose, id)
  if (!session) return null
  await endSessions(tx, whose, { id })
  return session.userAgent
}
