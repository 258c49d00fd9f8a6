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

export const accountOutput = z.strictObject({
  username: z.string(),
  displayName: z.string(),
  email: z.string(),
  parentLevel: z.boolean(),
  /** Null when it may not be seen from here. */
  home: z.strictObject({ name: z.string(), slug: z.string() }).nullable(),
  tenant: z.strictObject({ name: z.string(), slug: z.string(), isHome: z.boolean(), isMaster: z.boolean() }),
  roles: z.array(z.strictObject({ id: z.uuid(), name: z.string() })),
  cap: z.string().nullable(),
  permissions: z.array(permissionRow),
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

export const changePasswordOutput = z.strictObject({ otherSessionsEnded: z.number().int() })
