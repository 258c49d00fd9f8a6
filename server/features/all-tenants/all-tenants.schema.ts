import { z } from 'zod'
import type { Spec } from '@/lib/resource-kinds/kind'
import { KINDS } from '@/lib/resource-kinds/registry'
import { pageInput, pageOutput } from '@/server/platform/page-schema'

const id = z.uuid('Not an id')

export const allTenantsInput = z.strictObject({
  kind: z.enum(KINDS.map((one) => one.kind) as [string, ...string[]], 'Unknown kind'),
  search: pageInput.search,
  /** Only what this tenant has. */
  tenantId: id.optional(),
  cursor: pageInput.cursor,
  limit: pageInput.limit,
})

const tenant = z.strictObject({ id, slug: z.string(), name: z.string(), icon: z.string() })

/** A thing as one tenant has it; one that two tenants have stands there for each. */
const row = z.strictObject({
  tenant,
  id,
  kind: z.string(),
  name: z.string(),
  createdAt: z.iso.datetime(),
  /** How that tenant comes to see it. */
  relation: z.enum(['owner', 'assigned', 'granted', 'public']),
  /** Of what the master owns and another tenant uses: that one's name, '' where it is none of the person's. Else null. */
  usedBy: z.string().nullable(),
  /** Of a host; null of other kinds. */
  status: z.enum(['pending', 'online', 'offline']).nullable(),
  spec: z.custom<Spec>((value) => typeof value === 'object' && value !== null),
})
export type AllTenantsRow = z.output<typeof row>

export const allTenantsOutput = pageOutput(row).extend({
  /** How many rows stand before this page. */
  from: z.int(),
  /** The tenant that the list is narrowed to. */
  only: tenant.nullable(),
})
export type AllTenantsList = z.output<typeof allTenantsOutput>

export const allTenantsKindsOutput = z.strictObject({
  /** Kinds that the person may look at in one of the tenants at least, in the order of the menu. */
  kinds: z.array(z.string()).max(KINDS.length),
})
