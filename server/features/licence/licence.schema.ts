import { z } from 'zod'

const iso = z.iso.datetime({ offset: true })
const capabilities = z.array(z.string())
/** Hosts over all tenants; null: any number. */
const hosts = z.int().nullable()

const licence = z.strictObject({
  id: z.uuid(),
  source: z.enum(['trial', 'stripe', 'key']),
  plan: z.string(),
  /** As its key says; empty where it came otherwise. */
  customer: z.string(),
  capabilities,
  hosts,
  startsAt: iso,
  expiresAt: iso,
  /** `ended`: before its time, as another took its place or somebody removed it. */
  status: z.enum(['running', 'future', 'expired', 'ended']),
  can: z.strictObject({ end: z.boolean() }),
})
export type Licence = z.output<typeof licence>

export const licences = z.strictObject({
  /** What licence keys for this installation are issued to. */
  installId: z.uuid(),
  /** What holds now: all that run together, or Community. */
  now: z.strictObject({
    plan: z.string(),
    planName: z.string(),
    capabilities,
    hosts,
    /** Hosts over all tenants. */
    hostsUsed: z.int(),
    tenants: z.int(),
    /** When the last of what runs ends; null: nothing runs. */
    expiresAt: iso.nullable(),
    /** A subscription goes on by itself: what expires is renewed before. */
    renews: z.boolean(),
    /** Whole days until then, 0 on the last one. */
    daysLeft: z.int().nullable(),
    /** When the last that ran ended; null: something runs, or nothing ever did. */
    endedAt: iso.nullable(),
  }),
  licences: z.array(licence),
  plans: z.array(
    z.strictObject({
      key: z.string(),
      name: z.string(),
      tagline: z.string(),
      capabilities,
      hosts,
      perHost: z.boolean(),
    }),
  ),
  /** Whether this server knows a publisher of licence keys. */
  takesKeys: z.boolean(),
  /** The server's clock is behind what it was; activating waits until it is right. ISO time that was seen last. */
  clockBehind: iso.nullable(),
  can: z.strictObject({ activate: z.boolean() }),
  why: z.strictObject({ activate: z.string().optional() }),
})
export type Licences = z.output<typeof licences>

export const keyInput = z.strictObject({
  key: z.string().trim().min(1, 'Enter a licence key.').max(8000, 'This is too long for a licence key.'),
})

/** What a key holds, before it is activated. */
export const keyContent = z.strictObject({
  customer: z.string(),
  plan: z.string(),
  capabilities,
  hosts,
  startsAt: iso,
  expiresAt: iso,
  /** Licences here that end with it. */
  supersedes: z.int(),
})
export type KeyContent = z.output<typeof keyContent>

export const licenceId = z.strictObject({ id: z.uuid() })
