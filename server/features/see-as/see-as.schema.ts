import { z } from 'zod'
import { VERBS } from '@/lib/access'
import type { Spec } from '@/lib/resource-kinds/kind'
import { KINDS } from '@/lib/resource-kinds/registry'
import { pageInput, pageOutput } from '@/server/platform/page-schema'

const id = z.uuid('Not an id')
const iso = z.iso.datetime()
const status = z.enum(['pending', 'online', 'offline'])
const tenantChoice = z.strictObject({ id, name: z.string(), icon: z.string() })

const kind = z.enum(KINDS.map((one) => one.kind) as [string, ...string[]], 'Unknown kind')
/** Through the eyes of anybody with this role; left out: of the tenant as a whole. */
const roleId = id.optional()

export const tenantResourcesInput = z.strictObject({
  tenantId: id,
  roleId,
  /** Left out: all kinds. */
  kind: kind.optional(),
  search: pageInput.search,
  cursor: pageInput.cursor,
  limit: pageInput.limit,
})
export const tenantResourceRow = z.strictObject({
  id: id,
  kind: z.string(),
  kindLabel: z.string(),
  name: z.string(),
  status: status,
  lastSeenAt: iso.nullable(),
  createdAt: iso,
  /** How the tenant comes to see it. */
  through: z.enum(['own', 'assigned', 'public', 'granted']),
})
export const tenantResourcesOutput = pageOutput(tenantResourceRow).extend({
  from: z.int(),
  tenant: tenantChoice.extend({ status: z.string() }),
})
export const tenantResourcesOpenInput = z.strictObject({ tenantId: id })
export const tenantResourcesOpenOutput = z.strictObject({ recorded: z.boolean() })

export const seeAsOverviewInput = z.strictObject({ tenantId: id, roleId })
export const seeAsOverview = z.strictObject({
  kinds: z.array(
    z.strictObject({ kind: z.string(), plural: z.string(), total: z.int(), totalCapped: z.boolean() }),
  ),
  roles: z.array(z.strictObject({ id, name: z.string() })),
})

export const seeAsThingInput = z.strictObject({ tenantId: id, id, roleId })
export const seeAsThing = z.strictObject({
  id,
  kind: z.string(),
  kindLabel: z.string(),
  name: z.string(),
  spec: z.custom<Spec>((value) => typeof value === 'object' && value !== null),
  /** How the tenant comes to see it. */
  relation: z.enum(['owner', 'assigned', 'granted', 'public']),
  grantRole: z.enum(['viewer', 'editor', 'admin']).nullable(),
  visibility: z.enum(['private', 'public']),
  /** Null where it stands in none, or in one that the tenant does not see. */
  cloudName: z.string().nullable(),
  createdAt: iso,
  /** What somebody there with such a role could do with it. */
  could: z.array(z.strictObject({ role: z.string(), verbs: z.array(z.enum(VERBS)) })),
})
export type SeeAsThing = z.output<typeof seeAsThing>
