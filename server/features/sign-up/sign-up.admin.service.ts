import { consolePaths, tenantOrigin } from '@/lib/paths'
import { tokenHash } from '@/server/context/build'
import { can, type SignedInOp } from '@/server/context/op'
import { siteConfig } from '@/server/context/site'
import { inTenant, mutate } from '@/server/db/scope'
import { queueMail } from '@/server/features/mail/mail.service'
import { capOptions } from '@/server/features/roles/tenant-roles.service'
import { createRefusal } from '@/server/features/tenants/tenants.policy'
import { numbered, pageOf, readPosition } from '@/server/platform/cursor'
import { randomToken } from '@/server/platform/crypto'
import { conflict, notFound } from '@/server/platform/errors'
import { totals } from '@/server/platform/page-schema'
import { approvedMail, declinedMail } from './sign-up.mail'
import * as repo from './sign-up.repo'
import type { ListSignUps, PolicyState, SetPolicy, SignUpPage, SignUpRow } from './sign-up.schema'

const READ_ONLY = 'Your role may see tenants, not change them'

/** How people sign up, and what waits. */
export async function signUpPolicy(op: SignedInOp): Promise<PolicyState> {
  const { policy, counts } = await inTenant(op, async (tx) => ({
    policy: await repo.findPolicy(tx),
    counts: await repo.countsNow(tx),
  }))
  const manage = can(op, 'tenants', 'full')
  return {
    ...policy,
    ...counts,
    licensed: op.gate.state === 'on',
    address: tenantOrigin(null, siteConfig()) + consolePaths('').signUp,
    can: { manage },
    why: { manage: manage ? undefined : READ_ONLY, approve: createRefusal(op)?.message },
  }
}

/** Says how people sign up; off, links that are out work no more. @throws AppError 404 for an unknown tenant role */
export async function setSignUpPolicy(op: SignedInOp, input: SetPolicy): Promise<PolicyState> {
  await mutate(op, async ({ tx, audit }) => {
    const roles = new Map((await capOptions(tx)).map(({ id, name }) => [id, name]))
    const roleName = (id: string | null) => (id === null ? null : roles.get(id))
    if (roleName(input.tenantRoleId) === undefined) throw notFound()
    const words = ({ tenantRoleId, ...rest }: SetPolicy) => ({
      ...rest,
      tenantRole: roleName(tenantRoleId) ?? null,
    })
    const before = await repo.findPolicy(tx)
    await repo.savePolicy(tx, input)
    audit({
      targetKind: 'installation',
      targetId: '1',
      targetName: 'Sign-up',
      before: words(before),
      after: words(input),
    })
  })
  return signUpPolicy(op)
}

const toRow = ({ key: _key, createdAt, expiresAt, endedAt, ...row }: repo.SignUpRecord): SignUpRow => ({
  ...row,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt.toISOString(),
  endedAt: endedAt?.toISOString() ?? null,
})

/** Who signed up lately, the newest first. @throws AppError for a cursor of another list */
export async function listSignUps(op: SignedInOp, input: ListSignUps): Promise<SignUpPage> {
  const scope = `sign-ups:${input.search}:${input.status.join()}`
  const position = readPosition(op, scope, input.cursor)
  return inTenant(op, async (tx) => {
    const found = await repo.listSignUps(tx, input, position)
    const { from, numberOf } = numbered(position, Math.min(found.length, input.limit))
    const page = pageOf(op, scope, found, input.limit, position, (row, toBack) => [
      row.key,
      row.id,
      numberOf(toBack),
    ])
    return { ...page, rows: page.rows.map(toRow), from, ...totals(await repo.countSignUps(tx, input)) }
  })
}

/** Answers who waits, once, by mail. @param token of the link that lets them go on; null: they are declined @throws AppError 404, 409 */
function decide(
  op: SignedInOp,
  id: string,
  token: string | null,
  reason: string,
): Promise<{ id: string; email: string }> {
  return mutate(op, async (m) => {
    const signUp = await repo.findSignUp(m.tx, id)
    if (!signUp) throw notFound()
    const hash = token === null ? null : new Uint8Array(tokenHash(token))
    if (!(await repo.decide(m.tx, id, hash, reason)))
      throw conflict('This sign-up does not wait for an answer any more')
    const { email, name, slug } = signUp
    const asked = { provider: op.tenant.name, email, name }
    await queueMail(
      m,
      op.tenant.id,
      token === null ? declinedMail(asked, reason) : approvedMail(asked, token),
    )
    m.audit({
      targetKind: 'sign_up',
      targetId: id,
      targetName: email,
      after: { name, slug, ...(token === null && { reason }) },
    })
    return { id, email }
  })
}

/** Lets somebody make their organization: a new link goes to them. @throws AppError 404, 409 */
export const approveSignUp = (op: SignedInOp, id: string) => decide(op, id, randomToken(''), '')

/** Says no, and why, to the person. @throws AppError 404, 409 */
export const declineSignUp = (op: SignedInOp, id: string, reason: string) => decide(op, id, null, reason)
