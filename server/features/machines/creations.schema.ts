import { z } from 'zod'
import { cores, disk, memory } from '@/lib/resource-kinds/kind'

const id = z.uuid('Not an id')
const iso = z.iso.datetime()

const CHOICES = 500
const choice = z.strictObject({ id, name: z.string() })
const within = ({ min, max }: { min: number; max: number }, what: string) =>
  z
    .int(`Enter a whole number of ${what}`)
    .min(min, `At least ${min} ${what}`)
    .max(max, `At most ${max} ${what}`)

export const choicesInput = z.strictObject({ cloudId: id.optional() })

const most = z.number().nullable()
const limits = z.strictObject({ machines: most, cores: most, memory: most, disk: most })
export type Limits = z.output<typeof limits>

const creation = z.strictObject({
  id,
  name: z.string(),
  /** Null where it was not made, or is gone. */
  resourceId: id.nullable(),
  status: z.enum(['queued', 'asking', 'running', 'ok', 'failed']),
  message: z.string(),
  createdAt: iso,
  finishedAt: iso.nullable(),
})
export type CreationView = z.output<typeof creation>

/** What a machine can be made of, and where. */
export const choices = z.strictObject({
  /** Those that the person may make machines in. */
  clouds: z.array(choice).max(CHOICES),
  /** Of the cloud that was asked for; null where none was, or nothing is made in it. */
  cloud: z
    .strictObject({
      id,
      sourceLabel: z.enum(['Image', 'Template']),
      sources: z
        .array(
          z.strictObject({ id, name: z.string(), cores: most, memory: most, disk: most, os: z.string() }),
        )
        .max(CHOICES),
      placeLabel: z.string(),
      placeRequired: z.boolean(),
      places: z.array(choice).max(CHOICES),
      datastores: z.array(choice).max(CHOICES),
      /** Null where its network is not chosen. */
      networks: z.array(choice).max(CHOICES).nullable(),
    })
    .nullable(),
  limits,
  /** The last ones that were asked for, newest first. */
  creations: z.array(creation).max(10),
})
export type Choices = z.output<typeof choices>

export const createInput = z.strictObject({
  cloudId: id,
  sourceId: id,
  placeId: id.optional(),
  datastoreId: id.optional(),
  networkId: id.optional(),
  name: z
    .string()
    .trim()
    .min(1, 'Enter a name')
    .max(63, 'At most 63 characters')
    .regex(
      /^[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?$/,
      'Letters, digits and -, beginning with a letter and not ending with -',
    ),
  cores: within(cores, 'cores'),
  /** Bytes. */
  memory: within(memory, 'bytes'),
  disk: within(disk, 'bytes'),
  start: z.boolean(),
})
/** `resourceId`: the row that stands for it from now on. */
export const creating = z.strictObject({ id, resourceId: id, name: z.string() })

export const limitsInput = z.strictObject({ tenantId: id })
const limit = (max: number, min = 1) => z.int('Enter a whole number').min(min).max(max).nullable()
export const setLimitsInput = z.strictObject({
  tenantId: id,
  machines: limit(1_000_000, 0),
  cores: limit(cores.max),
  memory: limit(memory.max, memory.min),
  disk: limit(disk.max, disk.min),
})
export const limitsView = limits
