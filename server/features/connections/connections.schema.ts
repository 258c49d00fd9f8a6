import { z } from 'zod'
import { MOST_NETWORKS, networkProblem } from '@/lib/networks'
import { ACTIONS } from '@/server/connectors/contract'
import { verdict } from '@/server/features/resources/resources.schema'
import { nameSchema } from '@/server/features/resources/resources.spec'

const id = z.uuid('Not an id')
const iso = z.iso.datetime()
const connector = z.string().regex(/^[a-z]{1,30}$/, 'Not a kind of cloud')
const endpoint = z.string().trim().min(1, 'Enter where the cloud is').max(300)

export const connectionIdInput = z.strictObject({ id })
export const lookInput = z.strictObject({ connector, endpoint })

const field = z.strictObject({
  name: z.string(),
  in: z.enum(['settings', 'secret']),
  label: z.string(),
  type: z.enum(['text', 'password', 'multiline']),
  required: z.boolean(),
  hint: z.string().optional(),
  placeholder: z.string().optional(),
})
/** What can be connected, and what is to be entered for it. */
export const connectorList = z.strictObject({
  rows: z
    .array(
      z.strictObject({
        id: z.string(),
        label: z.string(),
        endpoint: z.strictObject({ placeholder: z.string(), hint: z.string() }),
        fields: z.array(field),
        finds: z.array(z.string()),
        actions: z.array(z.enum(ACTIONS)),
      }),
    )
    .max(20),
  can: z.strictObject({ connect: verdict }),
})
export type ConnectorList = z.output<typeof connectorList>
export type ConnectorView = ConnectorList['rows'][number]

const finding = z.strictObject({
  level: z.enum(['warning', 'error']),
  message: z.string(),
  remedy: z.string(),
  /** To be run on the cloud. */
  commands: z.array(z.string()).optional(),
})
const report = z.strictObject({ server: z.string(), version: z.string(), findings: z.array(finding) })
export type Report = z.output<typeof report>

const certificate = z.strictObject({
  /** SHA-256, 64 hex digits. */
  fingerprint: z.string(),
  subject: z.string(),
  issuer: z.string(),
  validFrom: iso,
  validTo: iso,
  /** Whether a public authority vouches for it, so that nothing needs to be confirmed. */
  trusted: z.boolean(),
})
export type Certificate = z.output<typeof certificate>

const failed = z.strictObject({
  ok: z.literal(false),
  /** A code of the connector, or `invalid`. */
  code: z.string(),
  message: z.string(),
  /** What to do about it; may be empty. */
  remedy: z.string(),
})
/** `certificate` is null where none is shown: on a unix socket. */
export const lookAnswer = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), endpoint: z.string(), certificate: certificate.nullable() }),
  failed,
])
export type LookAnswer = z.output<typeof lookAnswer>
export const checkAnswer = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), report }),
  failed,
])
export type CheckAnswer = z.output<typeof checkAnswer>
export type Failed = z.output<typeof failed>

const values = z.record(z.string().max(40), z.string().max(20_000)).default({})
const how = {
  connector,
  endpoint,
  settings: values,
  secret: values,
  /** Of the certificate that was confirmed. */
  fingerprint: z
    .string()
    .max(100)
    .transform((text) => text.replaceAll(':', '').toLowerCase())
    .refine((text) => /^[0-9a-f]{64}$/.test(text), 'A SHA-256 fingerprint has 64 hex digits')
    .optional(),
  /** PEM of the authority that signed it, in place of a fingerprint. */
  ca: z.string().trim().max(32_768).optional(),
  /** Saves without asking the cloud: it may be down at the moment. */
  untested: z.boolean().default(false),
}
export const connectInput = z.strictObject({ id, ...how })
export const createInput = z.strictObject({
  name: nameSchema,
  location: z.string().trim().max(100).default(''),
  /** Whom it is for; of use to the master only. */
  tenantId: id.optional(),
  ...how,
})
export type How = Omit<z.output<typeof connectInput>, 'id'>
export const connected = z.strictObject({
  id,
  name: z.string(),
  /** Null where nobody asked the cloud. */
  report: report.nullable(),
})

export const scheduleInput = z.strictObject({
  id,
  /** Seconds between two looks. */
  everySeconds: z.int().min(30).max(86_400),
  paused: z.boolean(),
})
export const removeInput = z.strictObject({ id, confirmName: z.string().max(300) })

const sync = z.strictObject({
  status: z.enum(['waiting', 'running', 'ok', 'failed', 'shrunk']),
  everySeconds: z.int(),
  paused: z.boolean(),
  nextAt: iso,
  startedAt: iso.nullable(),
  finishedAt: iso.nullable(),
  /** When everything was seen last. */
  okAt: iso.nullable(),
  /** What is shown may be out of date. */
  stale: z.boolean(),
  failures: z.int(),
  code: z.string(),
  error: z.string(),
  remedy: z.string(),
  seen: z.int(),
  added: z.int(),
  changed: z.int(),
  missing: z.int(),
  gone: z.int(),
  leftOut: z.int(),
  /** Why tasks or backups could not be read; empty: they could. */
  note: z.string(),
  /** The cloud tells of changes by itself, and somebody hears it. */
  listening: z.boolean(),
})
export type SyncView = z.output<typeof sync>
export const connectionView = z.strictObject({
  /** Null where there is none, or another tenant controls the cloud. */
  connection: z
    .strictObject({
      connector: z.string(),
      label: z.string(),
      endpoint: z.string(),
      fingerprint: z.string().nullable(),
      ca: z.boolean(),
      /** Whether clouds of the kind tell of their tasks and events, and of backups. */
      activity: z.boolean(),
      backups: z.boolean(),
      updatedAt: iso,
    })
    .nullable(),
  /** Null where the cloud is not connected, or not the tenant's to use. */
  sync: sync.nullable(),
  can: z.strictObject({ manage: verdict, refresh: verdict }),
})
export type ConnectionView = z.output<typeof connectionView>

export const figuresInput = z.strictObject({ ids: z.array(id).min(1).max(100) })
/** Bytes. */
const amount = z.strictObject({ used: z.number(), total: z.number() }).nullable()
/** What a list of clouds tells of each, as far as the tenant has it. */
export const cloudFigures = z.strictObject({
  rows: z
    .array(
      z.strictObject({
        id,
        /** Kind of its API; null where it has none, or where that is not the tenant's to know. */
        connector: z.string().nullable(),
        /** When it was seen whole last; null where nobody looks, or that is not the tenant's to know. */
        okAt: iso.nullable(),
        stale: z.boolean(),
        /** Virtual machines that the person sees in it; 10,001: more than 10,000. */
        machines: z.int(),
        /** Of what the tenant owns or uses there; what the cluster has beside is not told. */
        capacity: z
          .strictObject({ of: z.enum(['hosts', 'machines']), memory: amount, disk: amount })
          .nullable(),
      }),
    )
    .max(100),
})
export type CloudFigures = z.output<typeof cloudFigures>

const networks = z
  .array(
    z
      .string()
      .trim()
      .max(80)
      .superRefine((network, issue) => {
        const problem = networkProblem({ network, note: '' })
        if (problem !== null) issue.addIssue({ code: 'custom', message: problem })
      }),
  )
  .max(MOST_NETWORKS, `At most ${MOST_NETWORKS} networks.`)
export const egressInput = z.strictObject({ tenantId: id })
export const setEgressInput = z.strictObject({ tenantId: id, networks })
export const egressView = z.strictObject({ networks: z.array(z.string()).max(MOST_NETWORKS) })
export type EgressView = z.output<typeof egressView>
