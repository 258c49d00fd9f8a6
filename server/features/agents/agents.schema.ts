import { z } from 'zod'
import {
  AGENT_LIMITS,
  type AgentFacts,
  type AgentInventory,
  type AgentPackages,
  type AgentReport,
  type AgentServices,
  SERVICE_STATES,
} from '@/lib/agent-report'

/** Seconds up to the end of the year 9999: a host whose clock is there is flagged, not refused. */
const MAX_CLOCK = 253_402_300_799
const MAX_UPTIME = 100 * 366 * 86_400

/**
 * Control characters, the marks that turn the direction of text, and halves of surrogate pairs: each becomes U+FFFD, so that a
 * hostile name is inert in a terminal, a CSV file, a log and PostgreSQL (which takes no NUL), and still seen as hostile.
 */
const unprintable = /\p{Cc}|\p{Cs}|[\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]/gu

const text = () =>
  z
    .string()
    .max(AGENT_LIMITS.text)
    .transform((value) => value.replace(unprintable, '\ufffd'))

const count = (max: number = Number.MAX_SAFE_INTEGER) => z.int().min(0).max(max)

const disk = z.object({ mount: text(), fs: text(), size: count(), used: count() })

const address = z.object({
  interface: text().optional(),
  address: z.string().regex(/^[0-9a-fA-F:.]{2,45}$/),
  family: z.enum(['ipv4', 'ipv6']),
})

const load = z.number().min(0).max(1_000_000)

const revision = z.string().regex(/^[0-9a-f]{16}$/)
const digest = z.string().regex(/^[0-9a-f]{64}$/)

const facts = z.object({
  agent_version: z.string().regex(/^\d{1,4}\.\d{1,4}\.\d{1,4}$/),
  agent_sha256: digest.optional(),
  agent_script: z.enum(['sh', 'ps1']).optional(),
  self_update: z.boolean().optional(),
  machine_id: digest,
  boot_id: z
    .string()
    .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    .optional(),
  hostname: text().pipe(z.string().min(1)),
  clock: count(MAX_CLOCK).optional(),
  os: z.object({ id: text().optional(), version: text().optional(), name: text().optional() }).optional(),
  kernel: text().optional(),
  arch: text().optional(),
  cpu: z
    .object({
      model: text().optional(),
      count: count(65_536).optional(),
      ticks: count().optional(),
      busy: count().optional(),
    })
    .optional(),
  memory: z.object({ total: count().optional(), available: count().optional() }).optional(),
  swap: z.object({ total: count().optional(), free: count().optional() }).optional(),
  disks: z.array(disk).max(AGENT_LIMITS.disks),
  addresses: z.array(address).max(AGENT_LIMITS.addresses),
  network: z.object({ rx: count().optional(), tx: count().optional() }).optional(),
  uptime_seconds: count(MAX_UPTIME).optional(),
  load: z.tuple([load, load, load]).optional(),
  virtualization: text().optional(),
  packages: z.object({ manager: text().optional(), count: count(10_000_000).optional() }).optional(),
  reboot_required: z.boolean().optional(),
  parameters_revision: revision.optional(),
  inventory_revision: revision.optional(),
})

/**
 * Body of POST /api/agent/v1/enrol. Keys that are not listed (tenantId, cloudId, role, enabled, …) are dropped: the tenant comes
 * from the enrolment token's row alone (work order 5, attack G13).
 */
export const agentEnrolSchema: z.ZodType<AgentFacts> = facts

/** Body of POST /api/agent/v1/report: the facts and the sequence number, which the server compares with the last it took (409). */
export const agentReportSchema: z.ZodType<AgentReport> = facts.extend({ seq: count().min(1) })

const word = () => text().pipe(z.string().min(1))
const version = () => text()

export const agentPackages: z.ZodType<AgentPackages> = z.object({
  manager: word(),
  total: count(10_000_000),
  updates: count(10_000_000).optional(),
  list: z
    .array(z.union([z.tuple([word(), version()]), z.tuple([word(), version(), version()])]))
    .max(AGENT_LIMITS.packages),
})

export const agentServices: z.ZodType<AgentServices> = z.object({
  manager: word(),
  total: count(1_000_000),
  failed: count(1_000_000),
  list: z.array(z.tuple([word(), z.enum(SERVICE_STATES)])).max(AGENT_LIMITS.services),
})

/** Body of POST /api/agent/v1/inventory: packages and services, after a report that named this revision. */
export const agentInventorySchema: z.ZodType<AgentInventory> = z.object({
  seq: count().min(1),
  machine_id: digest,
  revision,
  packages: agentPackages.optional(),
  services: agentServices.optional(),
})
