import type { RequestFacts } from '@/server/context/build'
import { tokenHash } from '@/server/context/build'
import type { SignedInOp } from '@/server/context/op'
import { inTenant, mutate, type Tx, type WriteTx } from '@/server/db/scope'
import { systemValue } from '@/server/db/system'
import { deviceWords } from '@/server/features/sessions/device'
import { endSessions, findSession, listSessions, type Whose } from '@/server/features/sessions/sessions.repo'
import type { SessionRow } from '@/server/features/sessions/sessions.schema'
import { randomToken } from '@/server/platform/crypto'
import { notFound } from '@/server/platform/errors'

const whose = (op: SignedInOp) => ({ tenantId: op.tenant.id, userId: op.actor.userId })

type Facts = Pick<RequestFacts, 'ip' | 'userAgent'> & { requestId: string }

/** A new, opaque 256-bit token; the database knows its hash only. */
export const newSessionToken = (): string => randomToken('')

/**
 * Opens a session of a person whose right to it was just proved. Always a new token: one that was there before signing in
 * is worth nothing (attack C10). @returns the token; null when tenant or person were disabled meanwhile, or the password that
 * was proved is no longer theirs (`changed`); `emergency`: from any address, null for who is not appointed for that
 */
export async function openSession(
  who: { tenantId: string; userId: string; changed?: string; sourceId?: string; emergency?: boolean },
  facts: Facts,
): Promise<string | null> {
  const token = newSessionToken()
  const args = [
    who.tenantId,
    who.userId,
    tokenHash(token),
    facts.ip,
    facts.userAgent,
    facts.requestId,
    who.changed ?? null,
  ] as const
  const id = who.emergency
    ? await systemValue<string | null, 'break_glass_session'>('break_glass_session', [...args])
    : who.sourceId === undefined
      ? await systemValue<string | null, 'session_create'>('session_create', [...args])
      : await systemValue<string | null, 'identity_session'>('identity_session', [...args, who.sourceId])
  return id === null ? null : token
}

/** Ends the session that a token opened: at once, on every process. @returns false when there was none */
export function closeSession(hash: Buffer, requestId: string): Promise<boolean> {
  return systemValue<boolean, 'session_end'>('session_end', [hash, requestId])
}

/** The device; of a session in which somebody of the provider acts as me, who that is (attack F19). */
const wordsOf = (row: { userAgent: string; impersonation: { actorName: string } | null }): string =>
  row.impersonation ? `${row.impersonation.actorName} of your provider, as you` : deviceWords(row.userAgent)

/** Where I am signed in, in this tenant. */
export async function mySessions(op: SignedInOp): Promise<SessionRow[]> {
  const rows = await inTenant(op, (tx) => listSessions(tx, whose(op)))
  return rows.map((row) => ({
    id: row.id,
    current: row.id === op.session.id,
    device: wordsOf(row),
    ip: row.ip,
    createdAt: row.createdAt.toISOString(),
    lastSeenAt: row.lastSeenAt.toISOString(),
    expiresAt: row.absoluteExpiresAt.toISOString(),
  }))
}

/** Signs one of my sessions out. @throws AppError 404 for anyone else's, as for one that never was */
export function endMySession(op: SignedInOp, id: string): Promise<{ ended: number }> {
  return mutate(op, async ({ tx, audit }) => {
    const session = await findSession(tx, whose(op), id)
    if (!session) throw notFound()
    const ended = await endSessions(tx, whose(op), { id })
    audit({
      targetKind: 'session',
      targetId: id,
      targetName: wordsOf(session),
      after: { ended },
    })
    return { ended }
  })
}

/** Signs me out everywhere else in this tenant. */
export function endMyOtherSessions(op: SignedInOp): Promise<{ ended: number }> {
  return mutate(op, async ({ tx, audit }) => {
    const ended = await endSessions(tx, whose(op), { not: op.session.id })
    audit({ targetKind: 'user', targetId: op.actor.userId, targetName: op.actor.username, after: { ended } })
    return { ended }
  })
}

/** Live sessions of somebody in the acting tenant, latest use first; 100 at most: for who administers them. */
export const sessionsOf = (tx: Tx, of: Whose) => listSessions(tx, of)

/** Ends one of them. @returns its browser; null: there is none of that person's */
export async function endSessionOf(tx: WriteTx, of: Whose, id: string): Promise<string | null> {
  const session = await findSession(tx, of, id)
  if (!session) return null
  await endSessions(tx, of, { id })
  return session.userAgent
}
