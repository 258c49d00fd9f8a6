import { createHash } from 'node:crypto'
import { AGENT_LIMITS, type AgentFacts } from '@/lib/agent-report'
import { assertGate, gateOf, type LicenceState } from '@/server/authz/gate'
import { type HostLimit, hostLimitError } from '@/server/db/host-limit'
import { callSystem, systemValue } from '@/server/db/system'
import { noteReport } from '@/server/features/agents/report-notices'
import {
  agentEnrolSchema,
  agentInventorySchema,
  agentReportSchema,
} from '@/server/features/agents/agents.schema'
import { type AgentRelease, agentRelease } from '@/server/features/agents/script/render'
import { type Parameters, parametersWord } from '@/server/features/agents/parameters'
import { randomToken } from '@/server/platform/crypto'
import { env } from '@/server/platform/env'
import { AppError } from '@/server/platform/errors'

/** Seconds between the reports of a host. */
export const REPORT_INTERVAL = 30

const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest()

const unauthenticated = (why: string) => new AppError('unauthenticated', why)
const suspended = () => new AppError('org_suspended', 'This tenant is suspended')

type EnrolAnswer =
  | { code: 'ok'; hostId: string }
  | { code: 'unknown' | 'refused' | 'gate' }
  | { code: 'limit'; tenantId: string; limit: HostLimit }

export interface Caller {
  ip: string
  requestId: string
}

/** JSON of the body, by schema. @throws AppError invalid_input, without a word of the body */
function factsOf<T>(
  schema: { safeParse: (value: unknown) => { success: boolean; data?: T } },
  body: string,
): T {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    throw new AppError('invalid_input', 'The body is not JSON')
  }
  const { data } = schema.safeParse(value)
  if (data === undefined) throw new AppError('invalid_input', 'The body does not hold the facts of a machine')
  return data
}

/**
 * Enrols a machine with an enrolment token, whose row alone decides the tenant (attacks G13, G14). A machine that the tenant
 * owns already is the same host again, with a new credential.
 * @returns the host's id and the credential, which is stored as a hash
 * @throws AppError 401 token, 403 suspended, 402 and 501 licence and gate (PRODUCT rule 14), 400 body
 */
export async function enrolAgent(
  token: string,
  body: string,
  caller: Caller,
): Promise<{ hostId: string; credential: string }> {
  const facts: AgentFacts = factsOf(agentEnrolSchema, body)
  const install = await systemValue<{ multiTenant: boolean; licence: LicenceState | null }, 'install_state'>(
    'install_state',
    [],
  )
  const gate = gateOf(env().MULTI_TENANT_ENABLED, install.multiTenant, install.licence)
  const credential = randomToken('fha_')
  const answer = await systemValue<EnrolAnswer, 'agent_enrol'>('agent_enrol', [
    hashOf(token),
    hashOf(credential),
    facts.hostname.slice(0, AGENT_LIMITS.text),
    facts.machine_id,
    facts.boot_id ?? '',
    facts,
    gate.state,
    caller.ip,
    caller.requestId,
  ])
  switch (answer.code) {
    case 'ok':
      return { hostId: answer.hostId, credential }
    case 'refused':
      throw suspended()
    case 'limit':
      throw hostLimitError(answer.limit, answer.tenantId)
    case 'gate':
      assertGate(gate, 'grow')
      throw unauthenticated('The enrolment token is not valid')
    case 'unknown':
      throw unauthenticated('The enrolment token is not valid, used up or expired')
  }
}

interface ReportAnswer {
  code: 'ok' | 'unknown' | 'refused' | 'replay' | 'conflict' | 'slow' | 'uninstall'
  seq: string
  rotated: boolean
  host: string | null
  params: Parameters | null
  /** Whether packages and services of the revision that the report names are to be sent. */
  inventory: boolean
}

type ReportOutcome =
  | {
      kind: 'taken'
      credential: string | null
      parameters: string | null
      inventory: boolean
      /** The agent's script as it should be, where it is another one. */
      release: AgentRelease | null
    }
  | { kind: 'uninstall' }
  | { kind: 'replay'; seq: string }
  | { kind: 'conflict' }
  | { kind: 'slow' }

/**
 * Takes one report: one statement. The host and its tenant are those of the credential's live row, whatever the agent says
 * (attacks G12, G16).
 * @throws AppError 401 credential, 403 suspended, 400 body
 */
export async function takeReport(credential: string, body: string): Promise<ReportOutcome> {
  const { seq, ...facts } = factsOf(agentReportSchema, body)
  const next = randomToken('fha_')
  const args = [hashOf(credential), seq, facts.machine_id, facts.boot_id ?? '', facts, hashOf(next)] as const
  const [answer] = await callSystem<ReportAnswer, 'agent_report'>('agent_report', [...args])
  switch (answer?.code) {
    case 'ok':
      if (answer.host) noteReport(answer.host)
      return {
        kind: 'taken',
        credential: answer.rotated ? next : null,
        parameters: parametersWord(answer.params ?? {}, facts.parameters_revision),
        inventory: answer.inventory,
        release: releaseFor(facts),
      }
    case 'replay':
      return { kind: 'replay', seq: answer.seq }
    case 'uninstall':
    case 'conflict':
    case 'slow':
      return { kind: answer.code }
    case 'refused':
      throw suspended()
    case 'unknown':
    case undefined:
      throw unauthenticated('The credential is not valid. Enrol this machine again.')
  }
}

/** The script that this agent should be; null: it is, or cannot or shall not replace itself. */
function releaseFor({ agent_sha256, self_update, agent_script }: AgentFacts): AgentRelease | null {
  const release = agentRelease(agent_script)
  return agent_sha256 === undefined || self_update === false || agent_sha256 === release.sha256
    ? null
    : release
}

/** Whether an agent that reported so is not the one that this server hands out now. */
export function isUpdateDue({ agent_sha256, agent_version, agent_script }: AgentFacts): boolean {
  const release = agentRelease(agent_script)
  return agent_sha256 === undefined ? agent_version !== release.version : agent_sha256 !== release.sha256
}

/** The version of the agent that this server hands out. */
export const agentVersion = ({ agent_script }: AgentFacts): string => agentRelease(agent_script).version

/**
 * Takes what is installed and what runs on a machine, after a report of it that named this revision. Replaces what was known.
 * @returns the answer of the database: `replay` for what does not belong to the last report
 * @throws AppError 401 credential, 403 suspended, 400 body
 */
export async function takeInventory(
  credential: string,
  body: string,
): Promise<'ok' | 'replay' | 'conflict' | 'uninstall'> {
  const { seq, machine_id, revision, packages, services } = factsOf(agentInventorySchema, body)
  const code = await systemValue<InventoryCode, 'agent_inventory'>('agent_inventory', [
    hashOf(credential),
    seq,
    machine_id,
    revision,
    packages ?? null,
    services ?? null,
  ])
  if (code === 'refused') throw suspended()
  if (code === 'unknown') throw unauthenticated('The credential is not valid. Enrol this machine again.')
  return code
}
type InventoryCode = 'ok' | 'unknown' | 'refused' | 'replay' | 'conflict' | 'uninstall'

/** The local administrator took the agent off. The host stays and is offline. @throws AppError 401 */
export async function sayGoodbye(credential: string, caller: Caller): Promise<void> {
  const known = await systemValue<boolean, 'agent_goodbye'>('agent_goodbye', [hashOf(credential), caller.ip])
  if (!known) throw unauthenticated('The credential is not valid')
}
