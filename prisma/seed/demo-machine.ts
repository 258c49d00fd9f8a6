import { createHash } from 'node:crypto'
import type { AgentFacts, AgentInventory, AgentPackages, AgentServices } from '@/lib/agent-report'
import { agentRelease } from '@/server/features/agents/script/render'

/** A machine of the demo's fleet: simulated, and reporting through the real agent API like any other. */
export interface DemoMachine {
  /** Slug of the tenant whose token it enrols with; `default` is the master. */
  owner: string
  /** Slug of the tenant that the master assigns it to. */
  assignTo?: string
  isPublic?: boolean
  name: string
  os: keyof typeof SYSTEMS
  cpus: number
  memoryGiB: number
  /** Usual share of memory and processors in use, 0 to 1. */
  busy: number
  /** Reports once and never again: shows as offline. */
  isDown?: boolean
}

const SYSTEMS = {
  debian: { id: 'debian', version: '12', name: 'Debian GNU/Linux 12 (bookworm)', kernel: '6.1.0-31-amd64' },
  ubuntu: { id: 'ubuntu', version: '24.04', name: 'Ubuntu 24.04.2 LTS', kernel: '6.8.0-55-generic' },
  alpine: { id: 'alpine', version: '3.21', name: 'Alpine Linux v3.21', kernel: '6.12.13-0-lts' },
  rocky: {
    id: 'rocky',
    version: '9.5',
    name: 'Rocky Linux 9.5 (Blue Onyx)',
    kernel: '5.14.0-503.el9.x86_64',
  },
}

const m = (
  owner: string,
  name: string,
  os: DemoMachine['os'],
  cpus: number,
  memoryGiB: number,
  busy: number,
  more: Partial<DemoMachine> = {},
): DemoMachine => ({ owner, name, os, cpus, memoryGiB, busy, ...more })

/** What Northwind runs for itself and its customers. */
export const DEMO_MACHINES: readonly DemoMachine[] = [
  m('default', 'nw-core-1', 'debian', 16, 64, 0.4),
  m('default', 'nw-core-2', 'debian', 16, 64, 0.5),
  m('default', 'nw-mirror', 'debian', 8, 16, 0.3, { isPublic: true }),
  m('default', 'nw-time', 'alpine', 2, 2, 0.1, { isPublic: true }),
  m('default', 'rack3-web-1', 'ubuntu', 8, 32, 0.6, { assignTo: 'acme' }),
  m('default', 'rack3-web-2', 'ubuntu', 8, 32, 0.7, { assignTo: 'acme' }),
  m('default', 'rack3-db-1', 'rocky', 32, 256, 0.8, { assignTo: 'acme' }),
  m('default', 'rack4-app-1', 'ubuntu', 16, 64, 0.3, { assignTo: 'bolt' }),
  m('default', 'rack4-spare', 'debian', 16, 64, 0.1, { isDown: true }),
  m('acme', 'acme-office-nas', 'debian', 4, 16, 0.2),
  m('acme', 'acme-ci-1', 'ubuntu', 16, 64, 0.9),
  m('acme', 'acme-ci-2', 'ubuntu', 16, 64, 0.5),
  m('acme', 'acme-pos-gateway', 'alpine', 2, 4, 0.3, { isDown: true }),
  m('bolt', 'bolt-plc-bridge', 'alpine', 2, 4, 0.2),
  m('bolt', 'bolt-historian', 'rocky', 8, 32, 0.6),
  m('cobalt', 'cobalt-archive', 'debian', 4, 8, 0.2),
]

const MANAGERS = { debian: 'dpkg', ubuntu: 'dpkg', alpine: 'apk', rocky: 'rpm' } as const
const PACKAGES =
  'bash ca-certificates coreutils curl dbus e2fsprogs gnupg grep gzip iproute2 kmod less libc6 libssl3 linux-image nano ncurses-base openssh-server openssl passwd python3 rsync rsyslog sed sudo systemd tar tzdata util-linux vim wget xz-utils zlib1g'.split(
    ' ',
  )
const SERVICES =
  'chronyd cron dbus getty@tty1 nginx postgresql rsyslog sshd systemd-journald systemd-networkd unattended-upgrades'.split(
    ' ',
  )

const GIB = 1024 ** 3
const digest = (text: string) => createHash('sha256').update(`freehold-demo:${text}`).digest('hex')

/** Seconds that one processor has worked until then: the usual share and its waves, summed up, so that it only grows. */
const busyUntil = (machine: DemoMachine, seed: number, seconds: number): number =>
  Math.max(machine.busy, 0.12) * seconds -
  0.08 * 60 * Math.cos(seconds / 60 + seed) -
  0.03 * 17 * Math.cos(seconds / 17 + seed)

/** What the machine's agent would say now; figures drift a little around the usual. */
export function factsOf(machine: DemoMachine, now = Date.now()): AgentFacts {
  const system = SYSTEMS[machine.os]
  const seed = parseInt(digest(machine.name).slice(0, 6), 16)
  const wave = Math.sin(now / 60_000 + seed) * 0.08 + Math.sin(now / 17_000 + seed) * 0.03
  const load = Math.min(0.98, Math.max(0.02, machine.busy + wave))
  const busySeconds = busyUntil(machine, seed, now / 1000) * machine.cpus
  const total = machine.memoryGiB * GIB
  return {
    // One was installed before agents replaced themselves.
    ...(machine.name === 'acme-office-nas'
      ? { agent_version: '1.2.0' }
      : { agent_version: agentRelease().version, agent_sha256: agentRelease().sha256 }),
    inventory_revision: digest(`${machine.name} ${machine.os}`).slice(0, 16),
    machine_id: digest(machine.name),
    boot_id: '00000000-0000-4000-8000-000000000000',
    hostname: machine.name,
    clock: Math.floor(now / 1000),
    os: { id: system.id, version: system.version, name: system.name },
    kernel: system.kernel,
    arch: 'x86_64',
    cpu: {
      model: 'AMD EPYC 9354P 32-Core Processor',
      count: machine.cpus,
      ticks: Math.round((now / 10) * machine.cpus),
      busy: Math.round(busySeconds * 100),
    },
    network: { rx: Math.round(busySeconds * 40_000), tx: Math.round(busySeconds * 15_000) },
    memory: { total, available: Math.round(total * (1 - load * 0.9)) },
    swap: { total: 0, free: 0 },
    disks: [
      { mount: '/', fs: 'ext4', size: 80 * GIB, used: Math.round(80 * GIB * (0.2 + machine.busy * 0.5)) },
      { mount: '/srv', fs: 'xfs', size: 960 * GIB, used: Math.round(960 * GIB * machine.busy) },
    ],
    addresses: [{ interface: 'eth0', address: `10.20.${seed % 200}.${(seed >> 8) % 250}`, family: 'ipv4' }],
    uptime_seconds: 3_000_000 + (seed % 5_000_000),
    load: [load * machine.cpus, load * machine.cpus * 0.9, load * machine.cpus * 0.8].map(
      (x) => Math.round(x * 100) / 100,
    ) as [number, number, number],
    virtualization: machine.name.startsWith('nw-core') ? 'none' : 'kvm',
    packages: { manager: MANAGERS[machine.os], count: PACKAGES.length },
    reboot_required: seed % 5 === 0,
  }
}

/** What the machine's agent would say of packages and services when it is asked. */
export function inventoryOf(machine: DemoMachine, seq: number): AgentInventory {
  const { machine_id, inventory_revision = '', packages } = factsOf(machine)
  const seed = parseInt(machine_id.slice(0, 6), 16)
  const due =
    machine.os === 'rocky' ? [] : PACKAGES.filter((_, i) => (seed >> (i % 20)) % 9 === 0).slice(0, 6)
  const versionOf = (i: number) => `${1 + (i % 7)}.${(seed + i) % 30}.${i % 4}-${1 + (i % 3)}`
  const all = PACKAGES.map((name, i) => [name, versionOf(i)] as [string, string])
  const list: AgentPackages['list'] = [
    ...all
      .filter(([name]) => due.includes(name))
      .map(([name, v]) => [name, v, `${v}.1`] as [string, string, string]),
    ...all.filter(([name]) => !due.includes(name)),
  ]
  const failed = seed % 3 === 0 ? 'nginx' : ''
  const states = SERVICES.map((name): AgentServices['list'][number] =>
    name === failed ? [name, 'failed'] : [name, name === 'unattended-upgrades' ? 'stopped' : 'running'],
  )
  states.sort(([, a], [, b]) => Number(b === 'failed') - Number(a === 'failed'))
  return {
    seq,
    machine_id,
    revision: inventory_revision,
    packages: {
      manager: packages?.manager ?? '',
      total: packages?.count ?? list.length,
      ...(machine.os !== 'rocky' && { updates: due.length }),
      list,
    },
    services: {
      manager: machine.os === 'alpine' ? 'openrc' : 'systemd',
      total: states.length,
      failed: failed ? 1 : 0,
      list: states,
    },
  }
}
