import { z } from 'zod'
import { pageInput, pageOutput } from '@/server/platform/page-schema'
import { assignableRoles } from '@/server/features/roles/roles.schema'
import { invitationRow, invitationStatus, lineResult, roleName } from './invitations.schema'

/** Everywhere, as a user of the master; or in the tenants that one is invited to (seed 003). */
export const INVITATION_LEVELS = ['parent', 'tenant'] as const
export type InvitationLevel = (typeof INVITATION_LEVELS)[number]
const level = z.enum(INVITATION_LEVELS)

export const listAllInvitations = z.strictObject({
  search: pageInput.search,
  cursor: pageInput.cursor,
  limit: pageInput.limit,
  status: z.array(invitationStatus).max(5).default([]),
  levels: z.array(level).max(2).default([]),
  tenantId: z.uuid().optional(),
})
export type ListAllInvitations = z.output<typeof listAllInvitations>

const allInvitationsRow = invitationRow.extend({
  level,
  tenant: z.strictObject({
    id: z.uuid(),
    name: z.string(),
    slug: z.string(),
    status: z.enum(['active', 'disabled', 'deleted']),
    master: z.boolean(),
  }),
  /** Of the role that it gives now: where it names none, the default of the tenant. Null: that role is gone. */
  givesRole: z.string().nullable(),
})
export type AllInvitationsRow = z.output<typeof allInvitationsRow>
export const allInvitationsPage = pageOutput(allInvitationsRow).extend({ from: z.int() })
export type AllInvitationsPage = z.output<typeof allInvitationsPage>

export const inviteOptions = z.strictObject({
  /** The multi-tenant roles, which every tenant has unless it edited one of them. */
  roles: assignableRoles,
  can: z.strictObject({ tenant: z.boolean(), parent: z.boolean() }),
  why: z.strictObject({
    /** Why nobody is invited into a tenant, nor such an invitation changed. */
    tenant: z.string().optional(),
    /** The same of the parent level. */
    parent: z.string().optional(),
  }),
})
export type InviteOptions = z.output<typeof inviteOptions>

export const raiseInvitations = z.strictObject({
  /** Pending invitations of one address into subtenants. */
  ids: z
    .array(z.uuid())
    .min(1, 'Choose an invitation')
    .max(50, 'Choose at most 50 invitations')
    .refine((list) => new Set(list).size === list.length, 'Name each invitation once'),
  /** Of the master; left out: its default role. */
  roleId: z.uuid().optional(),
})
export type RaiseInvitations = z.output<typeof raiseInvitations>
export const raisedInvitations = z.strictObject({ email: z.string(), takenBack: z.int() })

export const lowerInvitation = z.strictObject({
  /** A pending invitation at parent level. */
  id: z.uuid(),
  tenantIds: z.array(z.uuid()).min(1, 'Choose a tenant').max(50, 'Choose at most 50 tenants'),
  role: roleName,
})
export type LowerInvitation = z.output<typeof lowerInvitation>
export const loweredInvitation = z.strictObject({
  email: z.string(),
  /** False: it was answered or taken back at the same moment. */
  takenBack: z.boolean(),
  /** Whether there is a mail server; else the mails are kept for the master to pass on. */
  mailed: z.boolean(),
  tenants: z.array(z.strictObject({ id: z.uuid(), name: z.string(), lines: z.array(lineResult) })),
})
