import { z } from 'zod'
import { pageInput, pageOutput } from '@/server/platform/page-schema'

const id = z.uuid('Not an id')
const iso = z.iso.datetime()
const { search, cursor, limit } = pageInput
/** Of what stands in this cloud; about this one thing. */
const narrow = { cloudId: id.optional(), resourceId: id.optional(), search, cursor, limit }

const ACTIVITY_STATUSES = ['running', 'ok', 'failed', 'info', 'unknown'] as const

export const activityInput = z.strictObject({
  kind: z.enum(['task', 'event']).default('task'),
  status: z.array(z.enum(ACTIVITY_STATUSES)).max(5).optional(),
  ...narrow,
})
export const backupsInput = z.strictObject({
  /** Kept from changes, checked and found good, checked and found bad, not told of any more. */
  state: z
    .array(z.enum(['protected', 'verified', 'broken', 'gone']))
    .max(4)
    .optional(),
  ...narrow,
})

const ref = z.strictObject({ id, name: z.string() })
/** What a row is about: a thing, or the cloud as a whole. */
const about = ref.extend({ kind: z.string() })
/** Null where the cloud is not this person's to see. */
const cloud = ref.nullable()

/** A task or an event of a cloud itself; all texts are the cloud's claims. */
const activityRow = z.strictObject({
  id,
  kind: z.enum(['task', 'event']),
  title: z.string(),
  status: z.enum(ACTIVITY_STATUSES),
  message: z.string(),
  /** As the cloud names them. */
  actor: z.string(),
  about,
  /** Id in the cloud of what it was about, where that is not known here. */
  unknown: z.string().nullable(),
  cloud,
  startedAt: iso,
  endedAt: iso.nullable(),
})
export type ActivityRow = z.output<typeof activityRow>
/** `from`: how many rows come before. */
export const activityList = pageOutput(activityRow).extend({ from: z.int() })
export type ActivityList = z.output<typeof activityList>

const backupRow = z.strictObject({
  id,
  about,
  /** Id in the cloud of a machine that is not known here (any more). */
  unknown: z.string().nullable(),
  datastore: ref.nullable(),
  cloud,
  takenAt: iso,
  /** Bytes. */
  size: z.number().nullable(),
  format: z.string(),
  protected: z.boolean(),
  verified: z.enum(['', 'ok', 'failed']),
  notes: z.string(),
  /** Since when the cloud does not tell of it any more. */
  goneAt: iso.nullable(),
})
export type BackupRow = z.output<typeof backupRow>
export const backupList = pageOutput(backupRow).extend({ from: z.int() })
export type BackupList = z.output<typeof backupList>
