import { z } from 'zod'
import { tenantFields } from '@/server/features/tenants/tenants.schema'
import { line } from '@/server/features/users/users.schema'
import { pageInput, pageOutput } from '@/server/platform/page-schema'
import { newPassword } from '@/server/platform/password-policy'

const iso = z.iso.datetime()

/** POST /api/sign-up. `website` is a field that nobody sees: what fills it in is no person. */
export const askInput = z.strictObject({
  name: tenantFields.name,
  slug: z.string().trim().max(100),
  email: z
    .string()
    .trim()
    .toLowerCase()
    .pipe(z.email('Enter an e-mail address, such as ada@example.com').max(254)),
  website: z.string().max(200).default(''),
})
export type AskInput = z.output<typeof askInput>

// Of any form: a cut-off token is answered like one that never was (attack C04).
const token = z.string().min(1).max(200)

/** POST /api/sign-up/check and /api/sign-up/confirm */
export const linkInput = z.strictObject({ token })

/** POST /api/sign-up/finish. `slug` and `name` count where those that were asked for cannot be had any more. */
export const finishInput = z
  .strictObject({
    token,
    slug: z.string().trim().max(100).default(''),
    name: tenantFields.name.or(z.literal('')).default(''),
    username: z.string().min(1, 'Choose a username').max(256),
    firstName: line(100).default(''),
    lastName: line(100).default(''),
    password: newPassword,
    confirm: z.string().max(200),
    terms: z.boolean().default(false),
  })
  .refine(({ password, confirm }) => password === confirm, {
    path: ['confirm'],
    message: 'The two passwords differ.',
  })
export type FinishInput = z.output<typeof finishInput>

/** What the holder of a link is shown. */
export interface SignUpLook {
  id: string
  email: string
  name: string
  slug: string
  slugFree: boolean
  nameFree: boolean
  /** An administrator approves first; confirming the address asks for it. */
  asks: boolean
  termsUrl: string
}
export type SignUpCheck = Omit<SignUpLook, 'id'> & { passwordMin: number }

const FIRST_ROLES = ['owner', 'admin', 'editor', 'viewer'] as const
const DOMAIN = /^(?=.{3,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/

export const setPolicyInput = z
  .strictObject({
    enabled: z.boolean(),
    tenantRoleId: z.uuid('Choose a tenant role').nullable(),
    firstRole: z.enum(FIRST_ROLES, 'Choose a role'),
    mailDomains: z
      .array(z.string().trim().toLowerCase().max(253, 'A domain has at most 253 characters'))
      .max(100, 'List at most 100 domains')
      // Of the list, not of one of them: the form has one field.
      .refine(
        (list) => list.every((one) => DOMAIN.test(one)),
        'Write domains such as example.com, one a line',
      )
      .transform((list) => [...new Set(list)].sort()),
    approval: z.boolean(),
    termsUrl: z
      .string()
      .trim()
      .max(500, 'Use at most 500 characters')
      .regex(/^(https?:\/\/[^\s<>"\\]+)?$/i, 'Enter an address that begins with https://'),
    dailyLimit: z
      .int('Enter a number from 1 to 1000')
      .min(1, 'Enter a number from 1 to 1000')
      .max(1000, 'Enter a number from 1 to 1000'),
  })
  .refine(({ enabled, tenantRoleId }) => !enabled || tenantRoleId !== null, {
    path: ['tenantRoleId'],
    message: 'Choose a tenant role: it says what new tenants may have at most',
  })
export type SetPolicy = z.output<typeof setPolicyInput>

export const policyState = z.strictObject({
  enabled: z.boolean(),
  tenantRoleId: z.uuid().nullable(),
  firstRole: z.enum(FIRST_ROLES),
  mailDomains: z.array(z.string()).max(100),
  approval: z.boolean(),
  termsUrl: z.string(),
  dailyLimit: z.int(),
  /** Whether the licence lets new tenants be made now; without it nobody is offered to sign up. */
  licensed: z.boolean(),
  /** Where people sign up. */
  address: z.url(),
  /** Tenants made by sign-up in the last 24 hours. */
  madeToday: z.int(),
  waiting: z.int(),
  can: z.strictObject({ manage: z.boolean() }),
  why: z.strictObject({ manage: z.string().optional(), approve: z.string().optional() }),
})
export type PolicyState = z.output<typeof policyState>

export const SIGN_UP_STATUS = ['waiting', 'mailed', 'approved', 'expired', 'done', 'declined'] as const
const status = z.enum(SIGN_UP_STATUS)
export const listSignUps = z.strictObject({
  search: pageInput.search,
  cursor: pageInput.cursor,
  limit: pageInput.limit,
  status: z.array(status).max(6).default([]),
})
export type ListSignUps = z.output<typeof listSignUps>
export const signUpRow = z.strictObject({
  id: z.uuid(),
  email: z.string(),
  name: z.string(),
  slug: z.string(),
  status,
  /** What was made of it; null as well when that tenant is gone for good. */
  tenantId: z.uuid().nullable(),
  reason: z.string(),
  decidedBy: z.string(),
  createdAt: iso,
  expiresAt: iso,
  endedAt: iso.nullable(),
})
export type SignUpRow = z.output<typeof signUpRow>
export const signUpPage = pageOutput(signUpRow).extend({ from: z.int() })
export type SignUpPage = z.output<typeof signUpPage>

export const signUpId = z.strictObject({ id: z.uuid() })
export const declineInput = signUpId.extend({
  reason: line(500).default(''),
})
export const signUpRef = signUpId.extend({ email: z.string() })
