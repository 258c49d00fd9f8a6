import { safeReturnPath, tenantOrigin } from '@/lib/paths'
import { slugOf } from '@/server/context/build'
import { sessionCookie } from '@/server/context/cookie'
import type { SignedInOp } from '@/server/context/op'
import { siteConfig } from '@/server/context/site'
import { inTenant, mutate } from '@/server/db/scope'
import { closeSession } from '@/server/features/sessions/sessions.service'
import { cookieOf } from '@/server/features/sessions/session-cookie'
import { subtenantOf } from '@/server/features/tenants/tenants.service'
import { getUser } from '@/server/features/users/users.service'
import { tenantPeople } from '@/server/features/users/users.people'
import { conflict } from '@/server/platform/errors'
import { assertElsewhere, refusalOf } from './impersonation.policy'
import * as repo from './impersonation.repo'
import type { ImpersonationOptions, RequestInput, StartInput } from './impersonation.schema'

export const BASE = '/api/impersonation'
/** How long what was asked for, and what was agreed to, holds. */
const DAY_MS = 24 * 60 * 60 * 1000

interface Whom {
  tenantId: string
  userId: string
}

/**
 * Begins to act as a user of a subtenant (PRODUCT rule 12): everything is checked under the locks, and both logs say so. The
 * session itself opens on the tenant's host, for this browser alone. @returns where that goes on
 * @throws AppError 403 with the reason, 404
 */
export async function startImpersonation(op: SignedInOp, input: StartInput) {
  assertElsewhere(op, input)
  const { slug } = await subtenantOf(op, input.tenantId)
  const id = await begun(op, false, input, safeReturnPath(input.from, ''))
  return { id, next: `${tenantOrigin(slug, siteConfig())}${BASE}/begin?i=${id}` }
}

/** Asks a tenant that wants to be asked. An administrator there answers within 24 hours. @throws AppError 403, 404, 409 */
export async function requestImpersonation(op: SignedInOp, input: RequestInput) {
  assertElsewhere(op, input)
  await subtenantOf(op, input.tenantId)
  return { id: await begun(op, true, input, '/') }
}

function begun(op: SignedInOp, ask: boolean, input: RequestInput, from: string): Promise<string> {
  return mutate(
    op,
    async ({ tx, audit }) => {
      const row = await repo.begin(tx, ask, input, from)
      if (row.code !== 'ok') throw refusalOf(row.code)
      const { subjectName, reason, minutes, readOnly } = await repo.findById(tx, input.tenantId, row.id)
      audit({
        targetKind: 'user',
        targetId: input.userId,
        targetName: subjectName,
        reason,
        after: { impersonation: row.id, minutes, readOnly },
      })
      return row.id
    },
    { provider: input.tenantId },
  )
}

/** What stands in the way of acting as a user, and what the dialog has to know. @throws AppError 403, 404 */
export async function impersonationOptions(op: SignedInOp, whom: Whom): Promise<ImpersonationOptions> {
  assertElsewhere(op, whom)
  const tenant = await subtenantOf(op, whom.tenantId)
  const user = await getUser(await tenantPeople(op, whom.tenantId), whom.userId)
  return inTenant(op, async (tx) => {
    const policy = await repo.policyOf(tx, whom.tenantId)
    const found = await repo.findRequest(tx, op.actor.userId, whom, new Date(Date.now() - DAY_MS))
    const running = await repo.findRunning(tx, op.actor.userId)
    const why =
      user.whyNotImpersonate ??
      (tenant.status !== 'active' ? refusalOf('tenant').message : null) ??
      (policy === 'never' ? refusalOf('never').message : null)
    return {
      user: { id: user.id, name: user.name },
      tenant: { id: tenant.id, name: tenant.name },
      policy,
      why,
      request: found && {
        id: found.id,
        state: found.approved === null ? 'waiting' : found.approved ? 'approved' : 'declined',
        reason: found.reason,
        minutes: found.minutes,
        readOnly: found.readOnly,
        until: new Date(found.createdAt.getTime() + DAY_MS).toISOString(),
      },
      running: running && {
        subject: running.subjectName,
        tenant: running.tenant.name,
        endsAt: (running.endsAt ?? new Date()).toISOString(),
        href: tenantOrigin(running.tenant.slug, siteConfig()),
      },
    }
  })
}

/** Ends the one that the person has under way, from the master's side. @throws AppError 409 when there is none */
export function endRunning(op: SignedInOp): Promise<{ id: string }> {
  return mutate(op, async ({ tx, audit }) => {
    const running = await repo.findRunning(tx, op.actor.userId)
    if (!running || !(await repo.leave(tx, running.id))) throw conflict('You are not impersonating anybody')
    audit({
      targetKind: 'user',
      targetId: running.subjectId,
      targetName: running.subjectName,
      after: { impersonation: running.id },
      alsoIn: [running.tenantId],
    })
    return { id: running.id }
  })
}

/**
 * The way back: the session ends, its cookie goes, and the page that it was begun from is next. Works in a read-only one, too.
 * @throws AppError 409 for who impersonates nobody
 */
export async function quitImpersonation(op: SignedInOp): Promise<{ next: string; cookie: string }> {
  const { impersonator } = op
  if (!impersonator) throw conflict('You are not impersonating anybody')
  await closeSession(Buffer.from(op.session.tokenHash, 'hex'), op.requestId)
  if (op.call) op.call.audited = true // wall.session_end wrote the rows
  return { next: consoleAt(impersonator.from), cookie: cookieOf(actingCookie(op), '', 0) }
}

/** A page of the master's console, by a path that was checked when it was stored; checked again. */
const consoleAt = (from: string): string => tenantOrigin(null, siteConfig()) + safeReturnPath(from, '')

/** Name of the cookie on the host of the operation, which is a subtenant's. */
function actingCookie(op: Pick<SignedInOp, 'host'>): string {
  return sessionCookie(slugOf(op.host), 'acting')
}
