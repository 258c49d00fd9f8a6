import { z } from 'zod'

const id = z.uuid('Not an id')

/** Type -> names or ids, or `*` for all of it, as seed 004 has it. Which types there are is checked by the service, which names what is none. */
const map = z.record(
  z.string().min(1).max(60),
  z.array(z.string().trim().min(1).max(255)).max(1000, 'At most 1000 of one type'),
)
export type MembersMap = z.output<typeof map>

export const tenantInput = z.strictObject({ tenantId: id })
export const setInput = z.strictObject({
  tenantId: id,
  map,
  /** As `get` gave it: refused when somebody changed the map meanwhile. Absent: whatever it is now. */
  version: z.string().max(100).optional(),
})

export const membersMap = z.strictObject({
  map: z.record(z.string(), z.array(z.string())),
  version: z.string(),
  /** The same to read: what the tenant is given, a row each. */
  rows: z.array(
    z.strictObject({
      type: z.string(),
      label: z.string(),
      /** Null: all of the type. */
      id: id.nullable(),
      name: z.string(),
      role: z.enum(['viewer', 'editor', 'admin']),
      status: z.enum(['pending', 'live', 'suspended']),
    }),
  ),
  /** Types that a map may name. */
  types: z.array(z.strictObject({ type: z.string(), label: z.string() })),
  can: z.strictObject({ set: z.boolean() }),
  why: z.strictObject({ set: z.string().optional() }),
})
export type MembersMapView = z.output<typeof membersMap>
