'use client'

import { type ReactNode, useState } from 'react'
import { AGENT_LIMITS, type AgentPackages, type AgentServices, type ServiceState } from '@/lib/agent-report'
import type { HostInventory } from '@/server/features/hosts/hosts.schema'
import { Badge } from '@/ui/badge'
import { Card } from '@/ui/card'
import { RelativeTime } from '@/ui/relative-time'
import { SearchInput } from '@/ui/search-input'
import type { Tone } from '@/ui/tone'

const has = (text: string, search: string) => text.toLowerCase().includes(search.toLowerCase())
const plural = (n: number, one: string, many = `${one}s`) =>
  `${n.toLocaleString('en')} ${n === 1 ? one : many}`

/** Which packages are installed and which services run, as the agent told last. */
export function InventoryCards({ inventory }: { inventory: HostInventory }) {
  const { at, packages, services } = inventory
  if (at === null) return null
  const told = (
    <>
      Told <RelativeTime date={at} />, asked every 15 minutes
    </>
  )
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      {services && <ServicesCard services={services} told={told} />}
      {packages && <PackagesCard packages={packages} told={told} />}
    </div>
  )
}

const UPDATES = (updates: number | undefined) =>
  updates === undefined
    ? 'updates unknown'
    : updates === 0
      ? 'none to update'
      : `${plural(updates, 'update')} due`

function PackagesCard({ packages, told }: { packages: AgentPackages; told: ReactNode }) {
  const [search, setSearch] = useState('')
  const { manager, total, updates, list } = packages
  const found = list.filter(([name]) => has(name, search))
  return (
    <Card
      title="Packages"
      description={`${plural(total, 'package')} of ${manager}, ${UPDATES(updates)}`}
      padded={false}
      footer={<span>{told}</span>}
    >
      <Filter
        label="Search packages"
        value={search}
        onChange={setSearch}
        note={
          list.length < total &&
          `The agent sends at most ${AGENT_LIMITS.packages.toLocaleString('en')}, those with an update first: ${list.length.toLocaleString('en')} of ${total.toLocaleString('en')} can be searched.`
        }
      />
      <Rows label="Packages" head={['Package', 'Version']} isEmpty={found.length === 0}>
        {found.map(([name, version, update], i) => (
          <Row key={`${name}:${i}`} name={name}>
            <span className="font-mono text-xs wrap-anywhere">{version}</span>
            {update !== undefined && (
              <Badge tone="warning">
                <span className="wrap-anywhere">{update} due</span>
              </Badge>
            )}
          </Row>
        ))}
      </Rows>
    </Card>
  )
}

const STATES: Record<ServiceState, { label: string; tone: Tone }> = {
  failed: { label: 'Failed', tone: 'danger' },
  running: { label: 'Running', tone: 'success' },
  active: { label: 'Done', tone: 'neutral' },
  starting: { label: 'Starting', tone: 'warning' },
  stopping: { label: 'Stopping', tone: 'warning' },
  stopped: { label: 'Stopped', tone: 'neutral' },
}

function ServicesCard({ services, told }: { services: AgentServices; told: ReactNode }) {
  const [search, setSearch] = useState('')
  const { manager, total, failed, list } = services
  const found = list.filter(([name, state]) => has(name, search) || has(STATES[state].label, search))
  return (
    <Card
      title="Services"
      description={`${plural(total, 'service')} of ${manager}, ${failed === 0 ? 'none failed' : `${failed} failed`}`}
      padded={false}
      footer={<span>{told}</span>}
    >
      <Filter
        label="Search services"
        value={search}
        onChange={setSearch}
        note={
          list.length < total &&
          `The agent sends at most ${AGENT_LIMITS.services}, those that failed first: ${list.length} of ${total.toLocaleString('en')} can be searched.`
        }
      />
      <Rows label="Services" head={['Service', 'State']} isEmpty={found.length === 0}>
        {found.map(([name, state], i) => (
          <Row key={`${name}:${i}`} name={name}>
            <Badge tone={STATES[state].tone}>{STATES[state].label}</Badge>
          </Row>
        ))}
      </Rows>
    </Card>
  )
}

function Filter({
  label,
  value,
  onChange,
  note,
}: {
  label: string
  value: string
  onChange: (value: string) => void
  note: string | false
}) {
  return (
    <div className="grid gap-2 p-4 pb-3">
      <SearchInput value={value} onChange={onChange} label={label} placeholder={`${label}…`} />
      {note && <p className="text-xs text-muted">{note}</p>}
    </div>
  )
}

function Rows({
  label,
  head,
  isEmpty,
  children,
}: {
  label: string
  head: [string, string]
  isEmpty: boolean
  children: ReactNode
}) {
  if (isEmpty) return <p className="px-4 pb-4 text-sm text-muted">Nothing of this name.</p>
  return (
    <div
      role="region"
      aria-label={label}
      tabIndex={0}
      className="max-h-80 overflow-y-auto border-t border-line"
    >
      <table className="w-full text-left text-sm">
        <thead className="sr-only">
          <tr>
            {head.map((each) => (
              <th key={each} scope="col">
                {each}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  )
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <tr className="border-b border-line last:border-b-0">
      <th scope="row" className="w-1/2 py-1.5 pr-3 pl-4 font-normal wrap-anywhere">
        {name}
      </th>
      <td className="py-1.5 pr-4">
        <span className="flex flex-wrap items-center gap-2">{children}</span>
      </td>
    </tr>
  )
}
