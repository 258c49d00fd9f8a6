import { can, type SignedInOp } from '@/server/context/op'
import { slugOf, tokenHash } from '@/server/context/build'
import { MASTER_SLUG } from '@/lib/master'
import { inTenant, inUnion } from '@/server/db/scope'
import { namesOfRoles, ownRoles } from '@/server/features/roles/roles.scope'
import { holdingOf } from '@/server/features/users/users.service'
import { effectiveRights } from '@/server/authz/rights'
import { systemValue } from '@/server/db/system'
import { explainAccess, explainRights, titleOf } from '@/server/features/account/account.policy'
import { emailVerifiedAt, findHome } from '@/server/features/account/account.repo'
import type { Account, ChangePasswordInput, RightsOutput } from '@/server/features/account/account.schema'
import { assertOwnPassword, passwordBucket } from '@/server/features/account/own-password'
import { accountState } from '@/server/features/second-factor/account-state'
import { cookieOfSession } from '@/server/features/sessions/session-cookie'
import { newSessionToken } from '@/server/features/sessions/sessions.service'
import { AppError, denied, invalidField, notFound } from '@/server/platform/errors'
import { hashPassword } from '@/server/platform/password'
import { passwordProblem } from '@/server/platform/password-policy'
import { forgetAttempts } from '@/server/platform/rate-limit'

/** Who I am, where I am homed, and what I may do here and why. */
export async function myAccount(op: SignedInOp): Promise<Account> {
  const { actor, tenant, session, rights } = op
  const isHome = actor.homeTenantId === tenant.id
  const { names, verified } = await inTenant(op, async (tx) => ({
    names: await namesOfRoles(ownRoles(op), tx, actor.roles),
    verified: await emailVerifiedAt(tx, actor.homeTenantId, actor.userId),
  }))
  const { name, slug, isMaster } = tenant
  return {
    username: actor.username,
    displayName: actor.displayName,
    email: actor.email,
    emailVerifiedAt: verified?.toISOString() ?? null,
    parentLevel: actor.parentLevel,
    home: isHome ? { name, slug } : await inUnion(op, (tx) => findHome(tx, actor.homeTenantId)),
    tenant: { name, slug, isHome, isMaster },
    roles: actor.roles.map((role) => ({ id: role.id, name: role.name, title: titleOf(role, names) })),
    access: explainAccess(actor.roles, names),
    cap: tenant.cap?.name ?? null,
    permissions: explainRights(rights, {
      roles: actor.roles,
      cap: tenant.cap?.name ?? null,
      names,
      you: true,
    }),
    guest: !isHome && !actor.parentLevel,
    session: { createdAt: session.createdAt, expiresAt: session.absoluteExpiresAt },
  }
}

/**
 * What somebody of the tenant may do here, and why: for whoever sees both users and roles.
 * @throws AppError 403, 404
 */
export async function rightsOf(op: SignedInOp, id: string): Promise<RightsOutput> {
  if (!can(op, 'roles', 'read')) throw denied()
  return inTenant(op, async (tx) => {
    const user = await holdingOf(tx, op.tenant.id, id)
    if (!user) throw notFound()
    const names = await namesOfRoles(ownRoles(op), tx, user.roles)
    const rights = effectiveRights(user.roles, op.tenant.cap)
    const cap = op.tenant.cap?.name ?? null
    return {
      user: { id, name: user.name },
      roles: user.roles.map((role) => ({ id: role.id, name: role.name, title: titleOf(role, names) })),
      cap,
      permissions: explainRights(rights, { roles: user.roles, cap, names, you: false }),
      access: explainAccess(user.roles, names),
    }
  })
}

/**
 * Changes my password: the current one is asked for again (attack C14), this session gets a new token, all my others end, in
 * every tenant (C10, C11). @returns the cookie to set
 * @throws AppError 400 with what is wrong, 401, 429
 */
export async function changeMyPassword(
  op: SignedInOp,
  input: ChangePasswordInput,
): Promise<{ otherSessionsEnded: number; cookie: string }> {
  const { actor, session, requestId, ip } = op
  await assertOwnPassword(op, input.current)
  const hash = Buffer.from(session.tokenHash, 'hex')
  const same = input.password.normalize('NFKC') === input.current.normalize('NFKC')
  const { passwordMin } = await accountState(actor.userId, op.tenant.id)
  const problem = same
    ? 'Choose one that differs from the current.'
    : passwordProblem(input.password, actor, passwordMin)
  if (problem !== null) throw invalidField('password', problem)
  const token = newSessionToken()
  const args = [hash, await hashPassword(input.password), tokenHash(token), ip, requestId] as const
  const ended = await systemValue<number, 'password_change'>('password_change', [...args])
  if (ended < 0) throw new AppError('unauthenticated', 'Sign in again')
  if (op.call) op.call.audited = true // wall.password_change wrote the row
  await forgetAttempts(passwordBucket(op))
  const slug = slugOf(op.host)
  return { otherSessionsEnded: ended, cookie: cookieOfSession(slug === MASTER_SLUG ? null : slug, token) }
}
