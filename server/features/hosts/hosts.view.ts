import { type AgentFacts, isClockOff } from '@/lib/agent-report'
import type { SignedInOp } from '@/server/context/op'
import { agentEnrolSchema } from '@/server/features/agents/agents.schema'
import { agentVersion, isUpdateDue } from '@/server/features/agents/agents.service'
import { hostAbilities } from '@/server/features/hosts/hosts.policy'
import type { HostState } from '@/server/features/hosts/hosts.repo'
import type { SeenRecord } from '@/server/features/resources/seen.service'
import type { HostDetail, HostRow } from '@/server/features/hosts/hosts.schema'
import type { SeenRow } from '@/server/features/resources/seen.service'

type Common = Pick<
  SeenRow,
  | 'id'
  | 'name'
  | 'ownerId'
  | 'assignedId'
  | 'visibility'
  | 'createdAt'
  | 'status'
  | 'lastSeenAt'
  | 'conflictAt'
  | 'assignedName'
  | 'assignedIcon'
  | 'grantRole'
>

function common(op: SignedInOp, host: Common) {
  return {
    id: host.id,
    name: host.name,
    status: host.status,
    lastSeenAt: host.lastSeenAt?.toISOString() ?? null,
    createdAt: host.createdAt.toISOString(),
    conflict: host.conflictAt !== null,
    visibility: host.visibility,
    owned: host.ownerId === op.tenant.id,
    assignedHere: host.assignedId === op.tenant.id,
    grantRole: host.grantRole,
    // Which tenants there are is the master's to know.
    assignedTenant: op.tenant.isMaster
      ? { id: host.assignedId, name: host.assignedName ?? '', icon: host.assignedIcon ?? '' }
      : null,
  }
}

const number = (text: string | null): number | null =>
  text === null || !Number.isFinite(Number(text)) ? null : Number(text)

/** A row of the list. */
export function toRow(op: SignedInOp, row: SeenRow): HostRow {
  const memoryTotal = number(row.memoryTotal)
  const available = number(row.memoryAvailable)
  return {
    ...common(op, row),
    os: row.os,
    address: row.address || null,
    cpus: number(row.cpus),
    memoryTotal,
    memoryUsed: memoryTotal === null || available === null ? null : Math.max(0, memoryTotal - available),
    load1: number(row.load1),
  }
}

/** A host with all that its agent reported last, and what this person may do with it. */
export function toDetail(op: SignedInOp, host: SeenRecord, state: HostState | null): HostDetail {
  const facts = agentEnrolSchema.safeParse(state?.facts).data ?? null
  const lastSeenAt = state?.lastSeenAt ?? null
  return {
    ...common(op, {
      ...host,
      status: state?.status ?? 'pending',
      lastSeenAt,
      conflictAt: state?.conflictAt ?? null,
    }),
    facts,
    clockOff: facts !== null && lastSeenAt !== null && isClockOff(facts.clock, lastSeenAt.getTime()),
    agent: facts && agentOf(facts),
    agentGoneSince: state?.uninstallToldAt?.toISOString() ?? null,
    can: hostAbilities(op, host),
  }
}

const agentOf = (facts: AgentFacts): NonNullable<HostDetail['agent']> => ({
  version: facts.agent_version,
  current: agentVersion(facts),
  updateDue: isUpdateDue(facts),
  // One that cannot tell its checksum cannot compare it.
  updatesItself: facts.agent_sha256 !== undefined && facts.self_update !== false,
})
