import { z } from 'zod'
import { line as plainLine } from '@/server/features/users/users.schema'
import { pageInput, pageOutput } from '@/server/platform/page-schema'
import { newPassword } from '@/server/platform/password-policy'

const iso = z.iso.datetime({ offset: true })
/** Most lines of one call: a department at a time (features.md, C8). */
const MOST_LINES = 200

/** One line: an address, perhaps with the name of a role. What is wrong with a line is told of that line. */
const line = z.strictObject({ email: z.string().max(400), role: z.string().max(200).default('') })
export const createInvitations = z.strictObject({
  lines: z
    .array(line)
    .min(1, 'Enter an e-mail address')
    .max(MOST_LINES, `Invite at most ${MOST_LINES} at once`),
  /** Of the lines that name none; left out: the tenant's default role at the time of acceptance. */
  roleId: z.uuid().optional(),
})
export type CreateInvitations = z.output<typeof createInvitations>
export const lineResult = z.strictObject({
  email: z.string(),
  result: z.enum(['invited', 'member', 'pending', 'refused']),
  message: z.string(),
})
export type LineResult = z.output<typeof lineResult>
export const createdInvitations = z.strictObject({
  invited: z.int(),
  /** Whether there is a mail server; else the mails are kept for the master to pass on. */
  mailed: z.boolean(),
  lines: z.array(lineResult),
})

export const invitationStatus = z.enum(['pending', 'expired', 'accepted', 'declined', 'revoked'])
export const listInvitations = z.strictObject({
  search: pageInput.search,
  cursor: pageInput.cursor,
  limit: pageInput.limit,
  status: z.array(invitationStatus).max(5).default([]),
})
export type ListInvitations = z.output<typeof listInvitations>
export const invitationRow = z.strictObject({
  id: z.uuid(),
  email: z.string(),
  /** Null id: the tenant's default role. A role that is gone has no name: the invitation does not work any more. */
  role: z.strictObject({ id: z.uuid().nullable(), name: z.string().nullable() }),
  status: invitationStatus,
  by: z.string(),
  sends: z.int(),
  createdAt: iso,
  expiresAt: iso,
  endedAt: iso.nullable(),
})
export type InvitationRow = z.output<typeof invitationRow>
export const invitationPage = pageOutput(invitationRow).extend({
  from: z.int(),
  defaultRole: z.strictObject({ id: z.uuid(), name: z.string() }),
  can: z.strictObject({ manage: z.boolean() }),
  why: z.strictObject({ manage: z.string().optional() }),
})
export type InvitationPage = z.output<typeof invitationPage>

export const invitationId = z.strictObject({ id: z.uuid() })
export const invitationRef = invitationId.extend({ email: z.string() })
export const setInvitationRole = invitationId.extend({ roleId: z.uuid().optional() })
export const setDefaultRole = z.strictObject({ roleId: z.uuid() })
export const defaultRole = z.strictObject({ id: z.uuid(), name: z.string() })

const tenantId = { tenantId: z.uuid() }
/** Of a role that each tenant has one of; empty: each tenant's default role at the time of acceptance. */
export const roleName = z.string().trim().max(200).default('')
export const provided = {
  create: createInvitations.extend(tenantId),
  createMany: createInvitations.omit({ roleId: true }).extend({
    role: roleName,
    tenantIds: z.array(z.uuid()).min(1, 'Choose a tenant').max(50, 'Choose at most 50 tenants'),
  }),
  list: listInvitations.extend(tenantId),
  id: invitationId.extend(tenantId),
  setRole: setInvitationRole.extend(tenantId),
  setDefaultRole: setDefaultRole.extend(tenantId),
}
export type CreateInMany = z.output<typeof provided.createMany>
export const createdInMany = z.strictObject({
  invited: z.int(),
  mailed: z.boolean(),
  tenants: z.array(z.strictObject({ id: z.uuid(), name: z.string(), lines: z.array(lineResult) })),
})

/** The secret of the link; it stands in the fragment of the address, which no server sees. */
const token = z.string().min(20).max(100)
export const tokenInput = z.strictObject({ token })
export const lookOutput = z.strictObject({
  email: z.string(),
  by: z.string(),
  expiresAt: iso,
  /** Which tenants wait for an answer; the one whose link it is comes first. */
  tenants: z.array(
    z.strictObject({ id: z.uuid(), name: z.string(), icon: z.string(), role: z.string(), here: z.boolean() }),
  ),
})
export type InvitationLook = z.output<typeof lookOutput>
export const acceptNew = z
  .strictObject({
    token,
    username: z.string().min(1, 'Choose a username').max(256),
    firstName: plainLine(100).default(''),
    lastName: plainLine(100).default(''),
    password: newPassword,
    confirm: z.string().max(200),
  })
  .refine(({ password, confirm }) => password === confirm, {
    path: ['confirm'],
    message: 'The two passwords differ.',
  })
export type AcceptNew = z.output<typeof acceptNew>
export const acceptExisting = z.strictObject({
  token,
  /** As at the sign-in: `tenant\name`; a bare name is at home here. */
  login: z.string().min(1, 'Enter your username').max(256),
  password: z.string().min(1, 'Enter your password').max(1000),
})
export type AcceptExisting = z.output<typeof acceptExisting>
/** Where to go next, on this host or, for who is at home elsewhere, on another. */
export const acceptOutput = z.strictObject({ next: z.string(), accepted: z.int() })
export const declineOutput = z.strictObject({ declined: z.literal(true) })
