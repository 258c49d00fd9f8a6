import { queueMail } from '@/server/features/mail/mail.service'
import { factorRemovedMail } from '@/server/features/recovery/recovery.mail'
import { deviceWords } from '@/server/features/sessions/device'
import { endSessionOf, sessionsOf } from '@/server/features/sessions/sessions.service'
import { notFound } from '@/server/platform/errors'
import type { PeopleScope } from './users.people'
import { KEEPER_ROLES, userAbilities } from './users.policy'
import * as repo from './users.repo'
import { nameOf } from './users.service'
import type { UserSignIn } from './users.sign-in.schema'
import * as found from './users.sign-in.repo'
import { change } from './users.write.service'

type Ref = { id: string; name: string }
const NONE = 'There is no second factor'

/** How somebody signs in, and where they are signed in in this tenant. @throws AppError 404 */
export async function userSignIn(people: PeopleScope, id: string): Promise<UserSignIn> {
  const { tenantId } = people
  return people.read(async (tx) => {
    const user = await repo.findUser(tx, tenantId, id)
    if (!user) throw notFound()
    const { can, why } = userAbilities(people, user, await repo.countHolders(tx, KEEPER_ROLES))
    const home = user.homeTenantId === tenantId
    const factors = home ? await found.factorsOf(tx, tenantId, id) : null
    const some = factors !== null && (factors.app || factors.passkeys > 0)
    const sessions = await sessionsOf(tx, { tenantId, userId: id })
    return {
      user: { id, name: nameOf(user), username: user.username, email: user.email, home },
      emailVerified: await found.isVerified(tx, user.homeTenantId, id),
      factors,
      sessions: sessions.map(({ id: sessionId, ip, userAgent, createdAt, lastSeenAt }) => ({
        id: sessionId,
        ip,
        device: deviceWords(userAgent),
        createdAt: createdAt.toISOString(),
        lastSeenAt: lastSeenAt.toISOString(),
      })),
      can: { endSessions: can.endSessions, removeFactors: can.removeFactors && some },
      why: {
        endSessions: why.endSessions,
        removeFactors: why.removeFactors ?? (some ? undefined : NONE),
      },
    }
  })
}

/** Ends one session of somebody in this tenant, at once. @throws AppError 403, 404 */
export function endUserSession(people: PeopleScope, id: string, sessionId: string): Promise<Ref> {
  return change(people, id, 'endSessions', async ({ tx, audit }, user) => {
    const whose = { tenantId: people.tenantId, userId: id }
    const device = await endSessionOf(tx, whose, sessionId)
    if (device === null) throw notFound()
    const after = { sessionsEnded: 1, device: deviceWords(device) }
    audit({ targetKind: 'user', targetId: id, targetName: user.username, after })
  })
}

/**
 * Takes somebody's second factors away, for who lost theirs: their sessions end, and they are told by mail. Where the tenant asks for a
 * second factor they set a new one up at the next sign-in.
 * @throws AppError 403, 404 for somebody who has none
 */
export function removeUserFactors(people: PeopleScope, id: string): Promise<Ref> {
  const { tenantId, op } = people
  return change(people, id, 'removeFactors', async (m, user) => {
    const removed = await found.clearFactors(m.tx, id)
    if (!removed.app && removed.passkeys === 0) throw notFound()
    const sessionsEnded = await repo.endSessions(m.tx, id)
    const tenant = people.tenant?.name ?? op.tenant.name
    await queueMail(m, tenantId, factorRemovedMail({ tenant, username: user.username, email: user.email }))
    const { username } = user
    m.audit({
      targetKind: 'user',
      targetId: id,
      targetName: username,
      before: { ...removed },
      after: { sessionsEnded },
    })
  })
}
