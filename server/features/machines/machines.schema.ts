import { z } from 'zod'
import { MACHINE_ACTIONS, type MachineActionName } from '@/lib/machine-actions'
import { METRIC_SPANS } from '@/lib/metric-spans'
import { verdict } from '@/server/features/resources/resources.schema'

const id = z.uuid('Not an id')
const iso = z.iso.datetime()
const action = z.enum(
  Object.keys(MACHINE_ACTIONS) as [MachineActionName, ...MachineActionName[]],
  'Unknown action',
)
const snapshotName = z
  .string()
  .trim()
  .min(1, 'Enter a name')
  .max(40, 'At most 40 characters')
  .regex(/^[A-Za-z][A-Za-z0-9_-]*$/, 'Letters, digits, - and _, beginning with a letter')

export const machineIdInput = z.strictObject({ id })
export const metricsInput = z.strictObject({ id, span: z.enum(METRIC_SPANS).default('hour') })
export const actInput = z.strictObject({
  id,
  action,
  /** Of the snapshot, where it is about one. */
  snapshot: snapshotName.optional(),
  /** Of the machine, to delete it. */
  confirmName: z.string().max(300).optional(),
})

const figure = z.number().nullable()
const doing = z.strictObject({
  id,
  action,
  snapshot: z.string(),
  status: z.enum(['queued', 'asking', 'running', 'ok', 'failed']),
  message: z.string(),
  by: z.string(),
  createdAt: iso,
  finishedAt: iso.nullable(),
})
export type Doing = z.output<typeof doing>

/** What a cloud tells of a machine, and what may be done with it there. */
export const machineView = z.strictObject({
  /** Null where it was entered by hand. */
  found: z
    .strictObject({
      externalId: z.string(),
      missingSince: iso.nullable(),
      state: z.string(),
      usage: z.strictObject({
        /** 0 to 1 of what it has. */
        cpu: figure,
        /** Bytes. */
        memoryUsed: figure,
        memoryTotal: figure,
        diskUsed: figure,
        diskTotal: figure,
        since: iso.nullable(),
      }),
      /** Whether `machines.metrics` can tell how it was doing. */
      history: verdict,
      told: z.array(z.strictObject({ label: z.string(), value: z.string() })).max(50),
      /** When the cloud was seen whole last. */
      asOf: iso.nullable(),
    })
    .nullable(),
  actions: z.array(z.strictObject({ action, may: verdict })),
  /** The last ones of this tenant, newest first. */
  doings: z.array(doing).max(10),
})
export type MachineView = z.output<typeof machineView>

export const snapshotList = z.strictObject({
  rows: z
    .array(z.strictObject({ name: z.string(), takenAt: iso.nullable(), description: z.string() }))
    .max(200),
  /** Why there are none to see. */
  why: z.string(),
})
export type SnapshotList = z.output<typeof snapshotList>
/** How a machine was doing, the oldest first: means of a minute in an hour, of 3 in a day, of 30 in a week, or longer where the cloud keeps no finer ones. */
export const metricsView = z.strictObject({
  points: z
    .array(
      z.strictObject({
        /** When what it stands for begins. */
        at: iso,
        /** 0 to 1 of what it has. */
        cpu: figure,
        /** Bytes. */
        memoryUsed: figure,
        memoryTotal: figure,
        /** Bytes a second. */
        diskRead: figure,
        diskWrite: figure,
        netIn: figure,
        netOut: figure,
      }),
    )
    .max(500),
  /** Why there are none to see. */
  why: z.string(),
})
export type MetricsView = z.output<typeof metricsView>

export const acted = z.strictObject({ id, name: z.string() })
