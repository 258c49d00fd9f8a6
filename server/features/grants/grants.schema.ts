import { z } from 'zod'
import { KINDS } from '@/lib/resource-kinds/registry'
import { verdict } from '@/server/features/resources/resources.schema'
import { pageInput, pageOutput } from '@/server/platform/page-schema'

const id = z.uuid('Not an id')
const iso = z.iso.datetime()
const kind = z.enum(KINDS.map((one) => one.kind) as [string, ...string[]], 'Unknown kind')
const MANY = 100

const GRANT_ROLES = ['viewer', 'editor', 'admin'] as const
const role = z.enum(GRANT_ROLES, 'Choose viewer, editor or admin')
const status = z.enum(['pending', 'live', 'suspended'])

const filter = {
  search: pageInput.search,
  kind: kind.optional(),
  role: z.array(role).max(3).optional(),
  status: z.array(status).max(3).optional(),
  cursor: pageInput.cursor,
  limit: pageInput.limit,
}
export const outgoingInput = z.strictObject({
  ...filter,
  /** Shares of this resource only. */
  resourceId: id.optional(),
})
export const incomingInput = z.strictObject(filter)

const base = {
  id,
  resourceId: id,
  kind: z.string(),
  kindLabel: z.string(),
  name: z.string(),
  role,
  /** pending: waits for the other tenant; suspended: its owner may not share at present. */
  status,
  createdAt: iso,
  expiresAt: iso.nullable(),
  /** Whole days until it ends where that is within a week; else null. */
  endsInDays: z.int().nullable(),
}
export const outgoingRow = z.strictObject({
  ...base,
  tenant: z.strictObject({ id, name: z.string() }),
  /** Given by the provider as part of the tenant: asked nobody to accept. */
  direct: z.boolean(),
})
export type OutgoingRow = z.output<typeof outgoingRow>
export const outgoingOutput = pageOutput(outgoingRow).extend({
  from: z.int(),
  /** What others are given to share with this tenant; null in the master, with which nobody shares. */
  address: id.nullable(),
  can: z.strictObject({ give: verdict, revoke: verdict }),
})
export type Outgoing = z.output<typeof outgoingOutput>

export const incomingRow = z.strictObject({
  ...base,
  /** "Your provider" for the master's. */
  from: z.string(),
})
export type IncomingRow = z.output<typeof incomingRow>
export const incomingOutput = pageOutput(incomingRow).extend({
  from: z.int(),
  /** How many wait for an answer. */
  pending: z.int(),
  can: z.strictObject({ answer: verdict }),
})
export type Incoming = z.output<typeof incomingOutput>

export const targetInput = z.strictObject({ tenantId: id })
export const target = z.strictObject({ id, name: z.string() })
export const tenantsInput = z.strictObject({ search: pageInput.search })
export const tenantsOutput = z.strictObject({
  rows: z.array(z.strictObject({ id, name: z.string(), icon: z.string() })).max(50),
})

export const createInput = z.strictObject({
  kind,
  resourceId: id,
  tenantId: id,
  role,
  /** When it ends by itself; absent: never. */
  expiresAt: iso.optional(),
})
export const updateInput = z.strictObject({ id, role, expiresAt: iso.optional() })
export const revokeInput = z.strictObject({ ids: z.array(id).min(1).max(MANY) })
export const grantIdInput = z.strictObject({ id })
export const setTenantsInput = z.strictObject({
  kind,
  resourceId: id,
  /** All tenants that are to have it; absent: none. */
  tenantIds: z.array(id).min(1).max(500).optional(),
})

export const saved = z.strictObject({ id, status })
export const changed = z.strictObject({ changed: z.int() })
