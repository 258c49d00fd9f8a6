import { z } from 'zod'
import { verdict } from '@/server/features/resources/resources.schema'
import { pageInput, pageOutput } from '@/server/platform/page-schema'
import { nameSchema } from '@/server/features/resources/resources.spec'

const id = z.uuid('Not an id')
const name = nameSchema.pipe(z.string().max(100, 'At most 100 characters'))
const description = z.string().trim().max(500, 'At most 500 characters').default('')

export const groupIdInput = z.strictObject({ id })
export const groupListInput = z.strictObject({
  search: pageInput.search,
  cursor: pageInput.cursor,
  limit: pageInput.limit,
})
const groupRow = z.strictObject({
  id,
  name: z.string(),
  description: z.string(),
  createdAt: z.iso.datetime(),
  /** What is in it, as far as the person sees it; counted up to 10,000. */
  members: z.int(),
  /** How many of them are clouds. */
  clouds: z.int(),
})
export type GroupRow = z.output<typeof groupRow>
export const groupListOutput = pageOutput(groupRow).extend({
  from: z.int(),
  can: z.strictObject({ create: verdict }),
})
export type GroupList = z.output<typeof groupListOutput>

export const groupDetail = z.strictObject({
  id,
  name: z.string(),
  description: z.string(),
  createdAt: z.iso.datetime(),
  /** Members by kind, as far as the person sees them, in the order of the menu. */
  counts: z.array(z.strictObject({ kind: z.string(), label: z.string(), count: z.int() })),
  /** What of the tenant's roles hangs on it. */
  usedBy: z.strictObject({
    /** Assignments of roles that hold in this group only. */
    assignments: z.int(),
    /** Roles that name it; empty for who may not see roles, though there may be some. */
    roles: z.array(z.string()),
  }),
  can: z.strictObject({ edit: verdict, remove: verdict }),
})
export type GroupDetail = z.output<typeof groupDetail>

export const groupCreateInput = z.strictObject({ name, description })
export const groupUpdateInput = z.strictObject({ id, name, description })
const ids = z.array(id).min(1).max(100, 'At most 100 at once').optional()
export const groupMembersInput = z.strictObject({ id, add: ids, remove: ids })
export const groupRef = z.strictObject({ id, name: z.string() })
export const groupMembersOutput = z.strictObject({ added: z.int(), removed: z.int() })
