import { z } from 'zod'
import { pageInput, pageOutput } from '@/server/platform/page-schema'

const id = z.uuid('Not an id')
const iso = z.iso.datetime()
const status = z.enum(['pending', 'online', 'offline'])
const tenantChoice = z.strictObject({ id, name: z.string(), icon: z.string() })

export const tenantResourcesInput = z.strictObject({
  tenantId: id,
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
