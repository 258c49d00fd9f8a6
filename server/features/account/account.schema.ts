import { z } from 'zod'
import { LEVELS, PERMISSION_NAMES } from '@/lib/permissions'
import { newPassword } from '@/server/platform/password-policy'

const permissionRow = z.strictObject({
  permission: z.enum(PERMISSION_NAMES),
  label: z.string(),
  description: z.string(),
  level: z.enum(LEVELS),
  /** Where the level comes from, in words: which role gives it, what cuts it. */
  reason: z.string(),
})
export type PermissionRow = z.output<typeof permissionRow>

/** A role as it is held: `title` has scope and end in words. */
const heldRole = z.strictObject({ id: z.uuid(), name: z.string(), title: z.string() })
const accessLine = z.strictObject({ role: z.string(), what: z.string(), access: z.string() })

export const rightsInput = z.strictObject({ id: z.uuid() })
/** Somebody's effective rights in the tenant, and why. */
export const rightsOutput = z.strictObject({
  user: z.strictObject({ id: z.uuid(), name: z.string() }),
  roles: z.array(heldRole),
  cap: z.string().nullable(),
  permissions: z.array(permissionRow),
  access: z.array(accessLine),
})
export type RightsOutput = z.output<typeof rightsOutput>

export const accountOutput = z.strictObject({
  username: z.string(),
  displayName: z.string(),
  email: z.string(),
  /** When it was shown that the address is theirs; null: not yet. */
  emailVerifiedAt: z.string().nullable(),
  parentLevel: z.boolean(),
  /** Null when it may not be seen from here. */
  home: z.strictObject({ name: z.string(), slug: z.string() }).nullable(),
  tenant: z.strictObject({ name: z.string(), slug: z.string(), isHome: z.boolean(), isMaster: z.boolean() }),
  roles: z.array(heldRole),
  /** What they say beside their levels. */
  access: z.array(accessLine),
  cap: z.string().nullable(),
  permissions: z.array(permissionRow),
  /** Whether I may leave this tenant: as a guest. */
  guest: z.boolean(),
  session: z.strictObject({ createdAt: z.string(), expiresAt: z.string() }),
})
export type Account = z.output<typeof accountOutput>

export const changePasswordInput = z
  .strictObject({
    current: z.string().min(1, 'Enter your current password.').max(1000),
    password: newPassword,
    confirm: z.string().max(200),
  })
  .refine(({ password, confirm }) => password === confirm, {
    path: ['confirm'],
    message: 'The two passwords differ.',
  })
export type ChangePasswordInput = z.output<typeof changePasswordInput>

/** To change the address, the password is asked for again (attack C14). */
export const changeEmailInput = z.strictObject({
  email: z.email('Enter an e-mail address, such as ada@example.com').max(254),
  current: z.string().min(1, 'Enter your password.').max(1000),
})
export const emailAsked = z.strictObject({ sentTo: z.string() })

export const changePasswordOutput = z.strictObject({ otherSessionsEnded: z.number().int() })
