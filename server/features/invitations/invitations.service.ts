import { type SignedInOp } from '@/server/context/op'
import { tokenHash } from '@/server/context/build'
import type { Mutation, Tx } from '@/server/db/scope'
import { grantRefusal } from '@/server/features/roles/roles.policy'
import { rolesOfTenant } from '@/server/features/roles/roles.service'
import { mailServer } from '@/server/features/mail/mail.server'
import { queueMails } from '@/server/features/mail/mail.service'
import type { PeopleScope } from '@/server/features/users/users.people'
import type { People } from '@/server/features/users/users.policy'
import { numbered, pageOf, readPosition } from '@/server/platform/cursor'
import { randomToken } from '@/server/platform/crypto'
import { AppError, conflict, notFound } from '@/server/platform/errors'
import { totals } from '@/server/platform/page-schema'
import { assertWithin, bucketOf, DAY } from '@/server/platform/rate-limit'
import { planLines } from './invitations.lines'
import { invitationMail, type Place } from './invitations.mail'
import { inviteRefusal } from './invitations.policy'
import * as repo from './invitations.repo'
import type { CreateInvitations, InvitationPage, InvitationRow, ListInvitations } from './invitations.schema'

/** People as they are invited: with the name and address of whose console it is. */
export interface Inviting {
  people: PeopleScope
  place: Place
}

/** Mails of invitations that one person may cause in a day. */
export const A_DAY = 1000
/** That a tenant may send in a day, however many people do. */
const TENANT_A_DAY = 2000
/** That an address gets from a tenant by being sent again: one a minute, and these in a day. */
const AGAIN_A_DAY = 5

const byOf = (op: Pick<SignedInOp, 'actor'>) => ({ id: op.actor.userId, name: op.actor.displayName })
/** An invitation with a new link, and the mail that brings it. */
function invitationOf(by: string, place: Place, to: Omit<repo.NewInvitation, 'tokenHash'>) {
  const token = randomToken('')
  return {
    row: { ...to, tokenHash: tokenHash(token).toString('hex') },
    mail: invitationMail(place, to.email, by, token),
  }
}

/** Puts them in and queues their mails: two statements, however many there are. */
export async function send(
  m: Mutation,
  { people, place }: Pick<Inviting, 'place'> & { people: People },
  list: readonly Omit<repo.NewInvitation, 'tokenHash'>[],
) {
  const by = byOf(people.op)
  const sent = list.map((to) => invitationOf(by.name, place, to))
  await repo.insertInvitations(
    m.tx,
    people.tenantId,
    sent.map(({ row }) => row),
    by,
  )
  await queueMails(
    m,
    people.tenantId,
    sent.map(({ mail }) => mail),
  )
}

/** The roles of the tenant, and the one that is meant by none. */
async function rolesOf(people: People, tx: Tx) {
  const roles = await rolesOfTenant(tx, people.tenantId)
  const defaultId = await repo.defaultRoleId(tx)
  return { roles, standard: roles.find(({ id }) => id === defaultId) }
}

/**
 * The role that an invitation would give. @throws AppError 404 for one that is none of the tenant's; 403 for one that this person may not give (PRODUCT
 * rule 8)
 */
export async function assertMayGive(people: People, tx: Tx, roleId: string | null | undefined) {
  const { roles, standard } = await rolesOf(people, tx)
  const role = roleId == null ? standard : roles.find(({ id }) => id === roleId)
  if (!role) throw notFound()
  const refusal = grantRefusal(people.giver, role)
  if (refusal) throw new AppError('access_denied', refusal.message, { fields: { roleId: refusal.message } })
  return role
}

/** Counts so many invitations into each tenant against those that a person and a tenant may send in a day. @throws AppError 429 */
export const assertMayMail = (op: SignedInOp, tenantIds: readonly string[], each: number): Promise<void> =>
  assertWithin(
    {
      bucket: bucketOf('invite', op.actor.userId),
      seconds: DAY,
      attempts: A_DAY,
      hits: each * tenantIds.length,
    },
    ...tenantIds.map((id) => ({
      bucket: bucketOf('invite.tenant', id),
      seconds: DAY,
      attempts: TENANT_A_DAY,
      hits: each,
    })),
  )

/** What becomes of each line, who is invited, and whose old invitations ran out and make room. Changes nothing. */
export async function plan(now: People, tx: Tx, input: CreateInvitations) {
  const emails = input.lines.map(({ email }) => email.trim().toLowerCase())
  const pending = await repo.pendingOf(tx, now.tenantId, emails)
  const members = new Set(await repo.membersOf(tx, now.tenantId, emails))
  const decided = planLines(input, { members, pending, giver: now.giver, ...(await rolesOf(now, tx)) })
  const invited = new Set(decided.invite.map(({ email }) => email))
  return { ...decided, ranOut: pending.filter(({ email }) => invited.has(email)).map(({ id }) => id) }
}

/**
 * Invites, a result for each line: what is wrong with one does not stop the others. Each gets a mail in the tenant's name.
 * @throws AppError 403, 404 for the role of all; 429
 */
export async function createInvitations(inviting: Inviting, input: CreateInvitations) {
  const { op, tenantId } = inviting.people
  await assertMayMail(op, [tenantId], input.lines.length)
  return invite(inviting, input)
}

/** As createInvitations, for who counted them already. */
export function invite({ people, place }: Inviting, input: CreateInvitations) {
  return people.write(async (m, now) => {
    const refused = inviteRefusal(now)
    if (refused) throw refused
    if (input.roleId !== undefined) await assertMayGive(now, m.tx, input.roleId)
    const { lines, invite: list, ranOut } = await plan(now, m.tx, input)
    await repo.revokeInvitations(m.tx, now.tenantId, ranOut)
    await send(
      m,
      { people: now, place },
      list.map((one) => ({ ...one, sends: 1 })),
    )
    const after = { invited: list.map(({ email }) => email) }
    m.audit({ targetKind: 'invitation', targetId: '', targetName: place.name, after })
    return { invited: list.length, mailed: mailServer() !== null, lines }
  })
}

/** An invitation as lists have it. */
export const toRow = (i: repo.InvitationRecord): InvitationRow => ({
  id: i.id,
  email: i.email,
  role: { id: i.roleId, name: i.roleName },
  status: i.outcome ?? (i.expired ? 'expired' : 'pending'),
  by: i.by,
  sends: i.sends,
  createdAt: i.createdAt.toISOString(),
  expiresAt: i.expiresAt.toISOString(),
  endedAt: i.endedAt?.toISOString() ?? null,
})

/** Invitations of the last 90 days, the newest first. @throws AppError for a cursor of another list */
export function listInvitations({ people }: Inviting, input: ListInvitations): Promise<InvitationPage> {
  const { op, tenantId } = people
  const scope = `invitations:${tenantId}:${input.search}:${input.status.join()}`
  const position = readPosition(op, scope, input.cursor)
  return people.read(async (tx) => {
    const found = await repo.listInvitations(tx, tenantId, input, position)
    const { from, numberOf } = numbered(position, Math.min(found.length, input.limit))
    const page = pageOf(op, scope, found, input.limit, position, (row, toBack) => [
      row.key,
      row.id,
      numberOf(toBack),
    ])
    const { standard } = await rolesOf(people, tx)
    const refusal = inviteRefusal(people)
    return {
      ...page,
      rows: page.rows.map(toRow),
      from,
      ...totals(await repo.countInvitations(tx, tenantId, input)),
      defaultRole: { id: standard?.id ?? '', name: standard?.name ?? '' },
      can: { manage: refusal === null },
      why: { manage: refusal?.message },
    }
  })
}

/** What is said of one that waits no more. */
export const ended = () => conflict('This invitation has been answered or taken back already')

/** Whoever takes the role away that an invitation gives now, may give it; one that is gone, anybody. @throws AppError 403 */
export async function assertMayTake(people: People, tx: Tx, roleId: string | null): Promise<void> {
  const { roles, standard } = await rolesOf(people, tx)
  const role = roleId === null ? standard : roles.find(({ id }) => id === roleId)
  const refusal = role && grantRefusal(people.giver, role)
  if (refusal) throw refusal
}

/** One that waits still, for who may deal with it. @throws AppError 403, 404, 409 */
async function pending(people: People, tx: Tx, id: string): Promise<repo.InvitationRecord> {
  const refusal = inviteRefusal(people)
  if (refusal) throw refusal
  const invitation = await repo.findInvitation(tx, people.tenantId, id)
  if (!invitation) throw notFound()
  if (invitation.outcome !== null) throw ended()
  await assertMayTake(people, tx, invitation.roleId)
  return invitation
}

/** Takes a pending invitation back: its link does not work any more. @throws AppError 403, 404, 409 */
export function revokeInvitation({ people }: Inviting, id: string) {
  return people.write(async ({ tx, audit }, now) => {
    const { email } = await pending(now, tx, id)
    if ((await repo.revokeInvitations(tx, now.tenantId, [id])) === 0) throw ended()
    audit({ targetKind: 'invitation', targetId: id, targetName: email })
    return { id, email }
  }, true)
}

/** Mails it again with a new link for 7 days; the link of before does not work any more. @throws AppError 403, 404, 409, 429 */
export async function resendInvitation({ people, place }: Inviting, id: string) {
  const { op, tenantId } = people
  const to = await people.read((tx) => pending(people, tx, id))
  // By address: each has a new id.
  await assertWithin(
    { bucket: bucketOf('invite.again', tenantId, to.email), seconds: 60, attempts: 1 },
    { bucket: bucketOf('invite.again.day', tenantId, to.email), seconds: DAY, attempts: AGAIN_A_DAY },
  )
  await assertMayMail(op, [tenantId], 1)
  return people.write(async (m, now) => {
    const { email, roleId, sends } = await pending(now, m.tx, id)
    await assertMayGive(now, m.tx, roleId)
    if ((await repo.revokeInvitations(m.tx, now.tenantId, [id])) === 0) throw ended()
    await send(m, { people: now, place }, [{ email, roleId, sends: sends + 1 }])
    m.audit({ targetKind: 'invitation', targetId: id, targetName: email, after: { sends: sends + 1 } })
    return { id, email }
  }, true)
}

/** Says with which role it will be accepted; left out: the tenant's default. @throws AppError 403, 404, 409 */
export function setInvitationRole({ people }: Inviting, id: string, roleId?: string) {
  return people.write(async ({ tx, audit }, now) => {
    const { email, roleName } = await pending(now, tx, id)
    await assertMayGive(now, tx, roleId)
    if (!(await repo.setRole(tx, now.tenantId, id, roleId ?? null))) throw ended()
    const after = await repo.findInvitation(tx, now.tenantId, id)
    audit({
      targetKind: 'invitation',
      targetId: id,
      targetName: email,
      before: { role: roleName ?? 'default' },
      after: { role: after?.roleName ?? 'default' },
    })
    return { id, email }
  }, true)
}

/** Says which role people get who are invited without one. @throws AppError 403, 404 */
export function setDefaultRole({ people, place }: Inviting, roleId: string) {
  return people.write(async ({ tx, audit }, now) => {
    const refusal = inviteRefusal(now)
    if (refusal) throw refusal
    await assertMayGive(now, tx, roleId)
    const before = (await rolesOf(now, tx)).standard
    if (!(await repo.setDefaultRole(tx, roleId))) throw notFound()
    const { standard } = await rolesOf(now, tx)
    audit({
      targetKind: 'tenant',
      targetId: now.tenantId,
      targetName: place.name,
      before: { defaultRole: before?.name },
      after: { defaultRole: standard?.name },
    })
    return { id: roleId, name: standard?.name ?? '' }
  })
}
