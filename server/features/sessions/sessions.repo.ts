import type { Tx, WriteTx } from '@/server/db/scope'

/** Whose sessions, and in which tenant: a person may have some in several. */
export interface Whose {
  tenantId: string
  userId: string
}

const live = ({ tenantId, userId }: Whose) => {
  const now = new Date()
  return { tenantId, userId, revokedAt: null, idleExpiresAt: { gt: now }, absoluteExpiresAt: { gt: now } }
}

/** The person's live sessions in the acting tenant, latest use first; 100 at most. */
export function listSessions(tx: Tx, whose: Whose) {
  return tx.session.findMany({
    where: live(whose),
    select: {
      id: true,
      createdAt: true,
      lastSeenAt: true,
      absoluteExpiresAt: true,
      ip: true,
      userAgent: true,
      impersonation: { select: { actorName: true } },
    },
    orderBy: [{ lastSeenAt: 'desc' }, { id: 'asc' }],
    take: 100,
  })
}

/** One of the person's live sessions; null for anyone else's. */
export function findSession(tx: Tx, whose: Whose, id: string) {
  return tx.session.findFirst({
    where: { ...live(whose), id },
    select: { id: true, userAgent: true, ip: true, impersonation: { select: { actorName: true } } },
  })
}

/** Ends one session, or all but one. @returns how many */
export async function endSessions(
  tx: WriteTx,
  { tenantId, userId }: Whose,
  which: { id: string } | { not: string },
): Promise<number> {
  const id = 'id' in which ? which.id : { not: which.not }
  const { count } = await tx.session.updateMany({
    where: { tenantId, userId, revokedAt: null, id },
    data: { revokedAt: new Date() },
  })
  return count
}
