/** What an agent may send at most. The agent stays below these by itself; the server refuses what is above. */
export const AGENT_LIMITS = {
  /** Bytes of a request's body, as it arrives; a compressed body is not taken at all. */
  bodyBytes: 65_536,
  /** UTF-16 units of any text. */
  text: 255,
  disks: 32,
  addresses: 64,
  /** Those with an update due come first. */
  packages: 1000,
  /** Those that failed come first. */
  services: 200,
  /** Seconds between the host's clock and the server's before the host's page says so. */
  clockSkewSeconds: 300,
} as const

export interface AgentDisk {
  mount: string
  fs: string
  /** Bytes. */
  size: number
  /** Bytes. */
  used: number
}

export interface AgentAddress {
  /** Missing where the machine cannot tell (no `ip` command). */
  interface?: string
  address: string
  family: 'ipv4' | 'ipv6'
}

/**
 * What an agent says about its machine, in the names of the wire. All of it is a claim of that machine: it is shown, but never
 * decides which host, tenant or cloud the report belongs to. A fact that could not be found out is missing.
 */
export interface AgentFacts {
  agent_version: string
  /** Of the agent's own script, in hex. */
  agent_sha256?: string
  /** Missing: sh. */
  agent_script?: 'sh' | 'ps1'
  /** False where it was told not to replace itself by newer versions. */
  self_update?: boolean
  /** SHA-256 of /etc/machine-id, or of an id the agent made up and kept, in hex. */
  machine_id: string
  boot_id?: string
  hostname: string
  /** The machine's clock, seconds since 1970. Compared with the server's time, never used in its place. */
  clock?: number
  os?: { id?: string; version?: string; name?: string }
  kernel?: string
  arch?: string
  /** `ticks` and `busy`: time of all processors since the boot, all of it and that in which they worked; counters that only grow. */
  cpu?: { model?: string; count?: number; ticks?: number; busy?: number }
  /** Bytes. */
  memory?: { total?: number; available?: number }
  /** Bytes. */
  swap?: { total?: number; free?: number }
  disks: AgentDisk[]
  addresses: AgentAddress[]
  /** Bytes in and out over the machine's own interfaces since the boot; counters that only grow. */
  network?: { rx?: number; tx?: number }
  uptime_seconds?: number
  /** Load average over 1, 5 and 15 minutes. */
  load?: [number, number, number]
  virtualization?: string
  packages?: { manager?: string; count?: number }
  reboot_required?: boolean
  /** Of the parameters that it took last; missing: none yet. */
  parameters_revision?: string
  /** Of the packages and services that it could send. */
  inventory_revision?: string
}

export const SERVICE_STATES = ['failed', 'running', 'active', 'starting', 'stopping', 'stopped'] as const
export type ServiceState = (typeof SERVICE_STATES)[number]

/** What is installed on a machine; `list`: name, version and, where one is due, the version of the update. */
export interface AgentPackages {
  manager: string
  total: number
  /** Missing where the machine cannot tell. */
  updates?: number
  list: ([string, string] | [string, string, string])[]
}

/** What runs on a machine; `list`: name and state. */
export interface AgentServices {
  manager: string
  total: number
  failed: number
  list: [string, ServiceState][]
}

/** Sent after a report whose revision the server does not have; `seq` is that report's. */
export interface AgentInventory {
  seq: number
  machine_id: string
  revision: string
  packages?: AgentPackages
  services?: AgentServices
}

/** A report is the facts and a counter that only grows, over restarts too; the server refuses one it has seen (409). */
export interface AgentReport extends AgentFacts {
  seq: number
}

/**
 * Whether the machine's clock is too far from the server's to trust its log times.
 * @param clock the report's `clock`, seconds since 1970
 * @param nowMs the server's time, milliseconds since 1970
 */
export function isClockOff(clock: number | undefined, nowMs: number): boolean {
  return clock !== undefined && Math.abs(clock - nowMs / 1000) > AGENT_LIMITS.clockSkewSeconds
}
