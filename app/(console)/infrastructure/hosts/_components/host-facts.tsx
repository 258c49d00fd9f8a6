import type { ReactNode } from 'react'
import type { AgentFacts } from '@/lib/agent-report'
import { formatBytes, formatDuration } from '@/lib/units'
import type { HostDetail } from '@/server/features/hosts/hosts.schema'
import { Badge } from '@/ui/badge'
import { Card, Stat } from '@/ui/card'
import { DescriptionList } from '@/ui/description-list'
import { Meter } from '@/ui/progress'

const perCpu = (facts: AgentFacts) => {
  const [one] = facts.load ?? []
  return one === undefined || !facts.cpu?.count
    ? null
    : `${Math.round((one / facts.cpu.count) * 100)} % of ${facts.cpu.count} CPUs`
}

/** The four numbers at the top: load, CPUs, memory, uptime. */
export function HostStats({ facts }: { facts: AgentFacts }) {
  const { memory } = facts
  const used =
    memory?.total !== undefined && memory.available !== undefined ? memory.total - memory.available : null
  return (
    <div className="grid grid-cols-2 gap-3 lg:grid-cols-4">
      <Stat label="Load, 1 minute" value={facts.load?.[0].toFixed(2) ?? '–'} detail={perCpu(facts)} />
      <Stat label="CPUs" value={facts.cpu?.count ?? '–'} detail={facts.cpu?.model} />
      <Stat
        label="Memory used"
        value={used === null ? '–' : formatBytes(used)}
        detail={memory?.total === undefined ? undefined : `of ${formatBytes(memory.total)}`}
      />
      <Stat
        label="Up for"
        value={facts.uptime_seconds === undefined ? '–' : formatDuration(facts.uptime_seconds)}
      />
    </div>
  )
}

/** Its version, and what is to be done where it is not the one that this server hands out. */
function AgentVersion({ agent }: { agent: NonNullable<HostDetail['agent']> }) {
  return (
    <span className="grid gap-1 py-0.5">
      <span className="flex flex-wrap items-center gap-2">
        <span className="font-mono text-xs">{agent.version}</span>
        {agent.updateDue && <Badge tone="warning">Update due</Badge>}
      </span>
      {agent.updateDue && (
        <span className="text-xs text-muted">
          {agent.updatesItself
            ? `It replaces itself by ${agent.current} with one of its next reports.`
            : `It does not replace itself. Install it again for ${agent.current}.`}
        </span>
      )}
      {!agent.updateDue && !agent.updatesItself && (
        <span className="text-xs text-muted">Does not replace itself by newer versions.</span>
      )}
    </span>
  )
}

export function SystemCard({ facts, agent }: { facts: AgentFacts; agent: HostDetail['agent'] }) {
  const { packages } = facts
  return (
    <Card title="System">
      <DescriptionList
        items={[
          { label: 'Host name', value: facts.hostname, copy: facts.hostname, mono: true },
          { label: 'Operating system', value: facts.os?.name ?? facts.os?.id },
          { label: 'Kernel', value: facts.kernel, mono: true },
          { label: 'Architecture', value: facts.arch, mono: true },
          { label: 'Virtualisation', value: facts.virtualization },
          {
            label: 'Packages',
            value:
              packages?.count === undefined ? null : `${packages.count} (${packages.manager ?? 'unknown'})`,
          },
          {
            label: 'Needs a reboot',
            value: facts.reboot_required === undefined ? null : facts.reboot_required ? 'Yes' : 'No',
          },
          { label: 'Agent', value: agent && <AgentVersion agent={agent} /> },
          {
            label: 'Machine id',
            value: `${facts.machine_id.slice(0, 16)}…`,
            copy: facts.machine_id,
            mono: true,
          },
        ]}
      />
    </Card>
  )
}

const Nothing = ({ children }: { children: ReactNode }) => <p className="text-sm text-muted">{children}</p>

export function MemoryCard({ facts }: { facts: AgentFacts }) {
  const { memory, swap, load } = facts
  const meters = [
    memory?.total && memory.available !== undefined
      ? { label: 'Memory', used: memory.total - memory.available, total: memory.total }
      : null,
    swap?.total && swap.free !== undefined
      ? { label: 'Swap', used: swap.total - swap.free, total: swap.total }
      : null,
  ].filter((meter) => meter !== null)
  return (
    <Card title="Memory and load">
      <div className="grid gap-4">
        {meters.map(({ label, used, total }) => (
          <Meter
            key={label}
            label={label}
            value={used}
            max={total}
            text={`${formatBytes(used)} of ${formatBytes(total)}`}
          />
        ))}
        <DescriptionList
          items={[
            {
              label: 'Load',
              value: load ? `${load.map((n) => n.toFixed(2)).join('  ')} over 1, 5 and 15 minutes` : null,
            },
          ]}
        />
      </div>
    </Card>
  )
}

export function DisksCard({ facts }: { facts: AgentFacts }) {
  return (
    <Card title="Disks">
      {facts.disks.length === 0 ? (
        <Nothing>The agent sees no disk of its own, as in many containers.</Nothing>
      ) : (
        <div className="grid gap-4">
          {facts.disks.map((disk, index) => (
            <Meter
              key={`${index}:${disk.mount}`}
              label={
                <>
                  <span className="font-mono">{disk.mount}</span>{' '}
                  <span className="text-muted">{disk.fs}</span>
                </>
              }
              value={disk.used}
              max={disk.size}
              text={`${formatBytes(disk.used)} of ${formatBytes(disk.size)}`}
            />
          ))}
        </div>
      )}
    </Card>
  )
}

/** One line for each interface and family, with all addresses it has. */
function byInterface(addresses: AgentFacts['addresses']): Map<string, string[]> {
  const lines = new Map<string, string[]>()
  for (const { interface: name, family, address } of addresses) {
    const label = [name, family === 'ipv4' ? 'IPv4' : 'IPv6'].filter(Boolean).join(' · ')
    lines.set(label, [...(lines.get(label) ?? []), address])
  }
  return lines
}

export function AddressesCard({ facts }: { facts: AgentFacts }) {
  return (
    <Card title="Addresses">
      {facts.addresses.length === 0 ? (
        <Nothing>The agent sees no address but its own loopback.</Nothing>
      ) : (
        <DescriptionList
          items={[...byInterface(facts.addresses)].map(([label, all]) => ({
            label,
            value: (
              <span className="grid">
                {[...new Set(all)].map((address) => (
                  <span key={address}>{address}</span>
                ))}
              </span>
            ),
            copy: all.length === 1 ? all[0] : null,
            mono: true,
          }))}
        />
      )}
    </Card>
  )
}
