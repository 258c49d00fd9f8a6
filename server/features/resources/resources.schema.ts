import { z } from 'zod'
import type { Spec } from '@/lib/resource-kinds/kind'
import { KINDS } from '@/lib/resource-kinds/registry'
import { pageInput, pageOutput } from '@/server/platform/page-schema'
import { nameSchema } from './resources.spec'

const id = z.uuid('Not an id')
const iso = z.iso.datetime()
const kind = z.enum(KINDS.map((one) => one.kind) as [string, ...string[]], 'Unknown kind')

/** Whether something may be done now; if not, why, in words for a tooltip. */
export const verdict = z.strictObject({ allowed: z.boolean(), reason: z.string().optional() })
export type Verdict = z.output<typeof verdict>

/** Values of fields by name: their shapes are the kind's (lib/resource-kinds), checked by `checkSpec`. */
const specInput = z
  .record(
    z.string().max(40),
    z.union([
      z.string().max(4000),
      z.number(),
      z.boolean(),
      z.null(),
      z.array(z.string().max(500)).max(100),
      z.record(z.string().max(63), z.string().max(2000)),
    ]),
  )
  .default({})
/** What each reference field names, in order. */
const refsInput = z
  .array(z.strictObject({ field: z.string().max(40), ids: z.array(id).min(1).max(50) }))
  .max(20)
  .default([])
const spec = z.custom<Spec>((value) => typeof value === 'object' && value !== null)

export const kindInput = z.strictObject({ kind })
export const resourceIdInput = z.strictObject({ kind, id })

const sort = z.enum(['name', 'created'])
const resourceFilter = {
  kind,
  search: pageInput.search,
  cloudId: id.optional(),
  groupId: id.optional(),
  tag: z.string().trim().max(60).optional(),
  /** Assigned to this tenant; of use to the master only. */
  tenantId: id.optional(),
  sort: sort.default('name'),
  desc: pageInput.desc,
}
export const resourceListInput = z.strictObject({
  ...resourceFilter,
  cursor: pageInput.cursor,
  limit: pageInput.limit,
})

const named = z.array(z.strictObject({ id, name: z.string() })).max(50)
/** What a list can be narrowed to; `tenants` is the master's to know and empty elsewhere. */
export const resourceFilters = z.strictObject({
  clouds: named,
  groups: named,
  tenants: named,
  tags: z.array(z.string()).max(50),
})
/** What this person may do with a kind as a whole. */
export const resourceMay = z.strictObject({ create: verdict, assign: verdict })
export type ResourceFilters = z.output<typeof resourceFilters>

const tenantChoice = z.strictObject({ id, name: z.string(), icon: z.string() })
const base = {
  id,
  kind: z.string(),
  name: z.string(),
  createdAt: iso,
  visibility: z.enum(['private', 'public']),
  /** What its cloud told of it, or of a cloud how the looks into it go; null where nobody tells. */
  state: z.string().nullable(),
  /** How the acting tenant comes to see it. */
  relation: z.enum(['owner', 'assigned', 'granted', 'public']),
  /** Role of a live grant to the acting tenant. */
  grantRole: z.enum(['viewer', 'editor', 'admin']).nullable(),
  /** The tenant that uses it. The master's to know; null elsewhere. */
  assignedTenant: tenantChoice.nullable(),
  assignedHere: z.boolean(),
  /** Null where it stands in none, or in one that is not seen. */
  cloud: z.strictObject({ id, name: z.string() }).nullable(),
  spec,
}
export const resourceRow = z.strictObject(base)
export type ResourceListRow = z.output<typeof resourceRow>
export const resourceListOutput = pageOutput(resourceRow).extend({
  /** How many come before this page. */
  from: z.int(),
  sortedBy: sort,
  can: resourceMay,
})
export type ResourceList = z.output<typeof resourceListOutput>

const ref = z.strictObject({
  id,
  kind: z.string().nullable(),
  /** Null: not there any more for this tenant. */
  name: z.string().nullable(),
})
export const resourceDetail = z.strictObject({
  ...base,
  updatedAt: iso,
  parent: z.strictObject({ id, kind: z.string(), name: z.string() }).nullable(),
  /** A connected cloud tells of it: its name, where it stands and these fields are changed there. Null: nobody tells. */
  told: z.strictObject({ why: z.string(), fields: z.array(z.string()) }).nullable(),
  /** What each reference field names. */
  refs: z.record(z.string(), z.array(ref)),
  /** The acting tenant's own tags on it. */
  tags: z.array(z.string()),
  /** What stands in it or refers to it, as far as one sees it; at most 100. `field` is empty for what stands in it. */
  attached: z.array(z.strictObject({ id, kind: z.string(), name: z.string(), field: z.string() })),
  can: z.strictObject({
    act: verdict,
    edit: verdict,
    rename: verdict,
    remove: verdict,
    assign: verdict,
    publish: verdict,
    share: verdict,
  }),
})
export type ResourceDetail = z.output<typeof resourceDetail>

/** Visibility and Tenant, as the master's forms have them; what is left out stays. */
const accessInput = z.strictObject({
  visibility: z.enum(['private', 'public']).optional(),
  tenantId: id.optional(),
})
export const resourceCreateInput = z.strictObject({
  kind,
  name: nameSchema,
  spec: specInput,
  refs: refsInput,
  cloudId: id.optional(),
  parentId: id.optional(),
  /** The master's only: handed on in the same transaction. */
  access: accessInput.optional(),
})
/** What of a new thing decides who gains it; its name may be still to come. */
export const resourceCreatePreviewInput = z.strictObject({
  kind,
  name: z.string().trim().max(255).default(''),
  cloudId: id.optional(),
  access: accessInput,
})
export const resourceAccessInput = z.strictObject({ kind, id, access: accessInput })
export const assignableInput = z.strictObject({ kind, search: pageInput.search })
export const assignableOutput = z.strictObject({ rows: z.array(tenantChoice).max(50) })
export const resourceUpdateInput = z.strictObject({
  kind,
  id,
  name: nameSchema,
  spec: specInput,
  refs: refsInput,
  parentId: id.optional(),
  /** As they were read: what somebody changed meanwhile is not overwritten. */
  updatedAt: iso,
  /** The master's only: handed on in the same transaction. */
  access: accessInput.optional(),
})
export const resourceRef = z.strictObject({ id, name: z.string() })
export const resourceAssignInput = z.strictObject({ kind, ids: z.array(id).min(1).max(100), tenantId: id })
export const resourceVisibilityInput = z.strictObject({
  kind,
  ids: z.array(id).min(1).max(100),
  visibility: z.enum(['private', 'public']),
})
export const resourceChange = z.strictObject({ changed: z.int() })
/** A cloud with much in it moves as a task: then nothing has changed yet, and this is its id. */
export const resourceAssigned = resourceChange.extend({ taskId: id.optional() })
export const resourceOptionsInput = z.strictObject({
  /** The kind whose form asks, and its field. */
  kind,
  field: z.string().max(40),
  search: pageInput.search,
})
export const resourceOptions = z.strictObject({
  rows: z
    .array(
      z.strictObject({
        id,
        kind: z.string(),
        name: z.string(),
        /** Why it is seen and may not be chosen. */
        why: z.string().optional(),
        /** Of a cloud, who uses it and all that comes into it. The master's to know. */
        tenant: tenantChoice.optional(),
      }),
    )
    .max(50),
})
export const resourceSearchInput = z.strictObject({ search: z.string().trim().min(1).max(200) })
/** Who gains or loses what, a line each. */
export const effects = z.strictObject({ lines: z.array(z.string()) })

/** What follows from a resource and what is around it; each part is null where its kind has none. */
export const resourceInsight = z.strictObject({
  /** What is wrong or soon will be, a sentence each. */
  warnings: z.array(z.string()),
  /** Addresses of a network that machines may have. */
  addresses: z.strictObject({ count: z.string(), first: z.string(), last: z.string() }).nullable(),
  /** What machines inside take together; bytes. */
  sums: z
    .strictObject({ machines: z.int(), cores: z.number(), memory: z.number(), disk: z.number() })
    .nullable(),
  price: z.strictObject({ amount: z.number(), currency: z.string(), unit: z.string() }).nullable(),
  /** Effective parameters of a machine; `profile` is null for its own. */
  parameters: z
    .array(
      z.strictObject({
        name: z.string(),
        value: z.string(),
        profile: z.strictObject({ id, name: z.string() }).nullable(),
      }),
    )
    .nullable(),
  /** How many more come from profiles that the person does not see. */
  unseen: z.int(),
})
export type ResourceInsight = z.output<typeof resourceInsight>
