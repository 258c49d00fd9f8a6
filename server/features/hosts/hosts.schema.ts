import { z } from 'zod'
import type { AgentFacts } from '@/lib/agent-report'
import { agentEnrolSchema, agentPackages, agentServices } from '@/server/features/agents/agents.schema'
import { pageInput, pageOutput } from '@/server/platform/page-schema'

const UNPRINTABLE = /[\p{Cc}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]/u

const hostId = z.uuid('Not an id')
const iso = z.iso.datetime()
const hostName = z
  .string()
  .trim()
  .min(1, 'Enter a name')
  .max(255, 'At most 255 characters')
  .refine((text) => !UNPRINTABLE.test(text), 'Use printable characters only')

const hostStatusSchema = z.enum(['pending', 'online', 'offline'])
const hostSortSchema = z.enum(['name', 'status', 'lastSeen', 'created'])

/** What narrows and orders the list of hosts; `tenantId`: assigned to this tenant, of use to the master only. */
export const hostFilterSchema = z.strictObject({
  search: pageInput.search,
  status: z.array(hostStatusSchema).max(3).optional(),
  tenantId: hostId.optional(),
  sort: hostSortSchema.default('name'),
  desc: pageInput.desc,
})

export const hostListInput = hostFilterSchema.extend({ cursor: pageInput.cursor, limit: pageInput.limit })

/** Whether something may be done now; if not, why, in words for a tooltip. */
const verdict = z.strictObject({ allowed: z.boolean(), reason: z.string().optional() })
export type Verdict = z.output<typeof verdict>

const tenantChoice = z.strictObject({ id: hostId, name: z.string(), icon: z.string() })

const base = {
  id: hostId,
  name: z.string(),
  status: hostStatusSchema,
  lastSeenAt: iso.nullable(),
  createdAt: iso,
  /** Two machines report with one credential (attack G11): neither is believed until one enrols anew. */
  conflict: z.boolean(),
  visibility: z.enum(['private', 'public']),
  /** The acting tenant created it and controls it. */
  owned: z.boolean(),
  /** The acting tenant is the one that uses it. */
  assignedHere: z.boolean(),
  /** Role of a live grant to the acting tenant. */
  grantRole: z.enum(['viewer', 'editor', 'admin']).nullable(),
  /** The tenant that uses it. The master's to know; null elsewhere. */
  assignedTenant: tenantChoice.nullable(),
}

const hostRow = z.strictObject({
  ...base,
  os: z.string().nullable(),
  address: z.string().nullable(),
  cpus: z.number().nullable(),
  /** Bytes. */
  memoryTotal: z.number().nullable(),
  memoryUsed: z.number().nullable(),
  /** Load average over one minute. */
  load1: z.number().nullable(),
})
export type HostRow = z.output<typeof hostRow>

export const hostListOutput = pageOutput(hostRow).extend({
  /** How many come before this page. */
  from: z.int(),
  /** The order they are in: by name where there are too many for the order that was asked for. */
  sortedBy: hostSortSchema,
  can: z.strictObject({ assign: verdict, enrol: verdict, migrate: verdict }),
})
export type HostList = z.output<typeof hostListOutput>

const facts: z.ZodType<AgentFacts> = agentEnrolSchema

export const hostIdInput = z.strictObject({ id: hostId })
export const hostDetail = z.strictObject({
  ...base,
  facts: facts.nullable(),
  /** The machine's clock is minutes away from the server's. */
  clockOff: z.boolean(),
  agent: z
    .strictObject({
      version: z.string(),
      /** That this server hands out. */
      current: z.string(),
      /** It is another one than that. */
      updateDue: z.boolean(),
      /** It replaces itself by the current one. */
      updatesItself: z.boolean(),
    })
    .nullable(),
  /** Since when its agent is gone or going: the tenant was deleted, and is back. Null: it is not. */
  agentGoneSince: iso.nullable(),
  can: z.strictObject({
    use: verdict,
    edit: verdict,
    rename: verdict,
    remove: verdict,
    assign: verdict,
    publish: verdict,
  }),
})
export type HostDetail = z.output<typeof hostDetail>

export const METRIC_RANGES = ['hour', 'day', 'week'] as const
export type MetricRange = (typeof METRIC_RANGES)[number]
export const hostMetricsInput = z.strictObject({ id: hostId, range: z.enum(METRIC_RANGES).default('hour') })

const figure = z.number().nullable()
export const hostMetrics = z.strictObject({
  /** Seconds that each point is the mean of. */
  step: z.int(),
  /** The server's time, which the last point is not after. */
  until: iso,
  points: z
    .array(
      z.strictObject({
        /** Where its seconds begin. A time without a report has no point. */
        at: iso,
        /** Per cent of all processors. */
        cpu: figure,
        /** Bytes used. */
        memory: figure,
        /** Bytes used. */
        swap: figure,
        /** Over one minute. */
        load: figure,
        /** Bytes a second. */
        rx: figure,
        /** Bytes a second. */
        tx: figure,
        /** Per cent used, by mount point: the first eight. */
        disks: z.record(z.string(), z.number()),
      }),
    )
    .max(200),
})
export type HostMetrics = z.output<typeof hostMetrics>

/** As the agent told last; null: it has not, or the machine has no package or service manager that it knows. */
export const hostInventory = z.strictObject({
  at: iso.nullable(),
  packages: agentPackages.nullable(),
  services: agentServices.nullable(),
})
export type HostInventory = z.output<typeof hostInventory>

export const hostRenameInput = z.strictObject({ id: hostId, name: hostName })
export const hostAssignInput = z.strictObject({ ids: z.array(hostId).min(1).max(100), tenantId: hostId })
export const hostVisibilityInput = z.strictObject({ id: hostId, visibility: z.enum(['private', 'public']) })
export const hostChange = z.strictObject({ changed: z.int() })

export const assignableInput = z.strictObject({ search: z.string().trim().max(100).default('') })
export const assignableOutput = z.strictObject({ rows: z.array(tenantChoice).max(50) })
