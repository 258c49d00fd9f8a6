import { z } from 'zod'

export const tenantInput = z.strictObject({ tenantId: z.uuid() })

export const assignableRoles = z.array(
  z.strictObject({
    id: z.uuid(),
    name: z.string(),
    description: z.string(),
    /** A template of the master; otherwise the tenant's own. */
    multiTenant: z.boolean(),
    can: z.strictObject({ grant: z.boolean() }),
    why: z.strictObject({ grant: z.string().optional() }),
  }),
)
export type AssignableRole = z.output<typeof assignableRoles>[number]

export const tenantRoles = z.array(
  z.strictObject({
    id: z.uuid(),
    name: z.string(),
    description: z.string(),
    sharing: z.boolean(),
  }),
)
