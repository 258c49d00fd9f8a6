import type { XdrReader, XdrWriter } from './xdr'

/** A procedure of libvirt's remote protocol: its number, and how its arguments and its result are written. */
export interface Procedure<Args extends unknown[], Result> {
  number: number
  write: (xdr: XdrWriter, ...args: Args) => void
  read: (xdr: XdrReader) => Result
}

const procedure = <Args extends unknown[], Result>(
  number: number,
  write: (xdr: XdrWriter, ...args: Args) => void,
  read: (xdr: XdrReader) => Result,
): Procedure<Args, Result> => ({ number, write, read })

/** A domain, a network or a storage pool. `id` is a running domain's number. */
export interface Named {
  name: string
  /** 32 hex digits. */
  uuid: string
}
export interface Domain extends Named {
  id: number
}
export interface Volume {
  pool: string
  name: string
  key: string
}
export interface SnapshotRef {
  name: string
  domain: Domain
}
type Param = readonly [field: string, value: number | string]

/** libvirt's own limits of its lists. */
const LIST = 16_384
const STATS = 262_144
const LEASES = 65_536
/** "All of them": no filter. */
const ALL = 0

const nothing = () => undefined
const one = (xdr: XdrReader) => xdr.string()

const writeUuid = (xdr: XdrWriter, uuid: string) => void xdr.fixed(Buffer.from(uuid, 'hex'))
const readUuid = (xdr: XdrReader) => xdr.fixed(16).toString('hex')

function writeNamed(xdr: XdrWriter, { name, uuid }: Named): void {
  writeUuid(xdr.string(name), uuid)
}
const readNamed = (xdr: XdrReader): Named => ({ name: xdr.string(), uuid: readUuid(xdr) })

function writeDomain(xdr: XdrWriter, domain: Domain): void {
  writeNamed(xdr, domain)
  xdr.int(domain.id)
}
export const readDomain = (xdr: XdrReader): Domain => ({ ...readNamed(xdr), id: xdr.int() })

function writeSnapshot(xdr: XdrWriter, { name, domain }: SnapshotRef): void {
  writeDomain(xdr.string(name), domain)
}
const readSnapshot = (xdr: XdrReader): SnapshotRef => ({ name: xdr.string(), domain: readDomain(xdr) })

/** A list with the number of its rows behind it. */
const rows =
  <T>(read: (xdr: XdrReader) => T, most = LIST) =>
  (xdr: XdrReader): T[] => {
    const list = xdr.array(most, read)
    xdr.uint()
    return list
  }

const withFlags =
  (flags = 0) =>
  (xdr: XdrWriter, domain: Domain) => {
    writeDomain(xdr, domain)
    xdr.uint(flags)
  }

/** By virTypedParameterType, from 1 on. */
const VALUES: readonly ((xdr: XdrReader) => number | string)[] = [
  (xdr) => xdr.int(),
  (xdr) => xdr.uint(),
  (xdr) => xdr.hyper(),
  (xdr) => xdr.uhyper(),
  (xdr) => xdr.double(),
  (xdr) => xdr.int(),
  one,
]

function readParam(xdr: XdrReader): Param {
  const field = xdr.string()
  const read = VALUES[xdr.uint() - 1]
  // An unknown type has an unknown length: what follows cannot be read.
  return [field, read ? read(xdr) : xdr.unreadable()]
}

/** Each of these is an `int` on the line, however small it is in C. */
const chars = (xdr: XdrReader, length: number): string =>
  String.fromCharCode(...Array.from({ length }, () => xdr.int() & 0xff)).replace(/\0.*$/s, '')

// The connection

export const AUTH_LIST = procedure(66, nothing, (xdr) => xdr.array(20, (each) => each.int()))
/** Asks polkit on the server. */
export const AUTH_POLKIT = procedure(70, nothing, (xdr) => xdr.int())
export const CONNECT_OPEN = procedure(
  1,
  (xdr, uri: string) => void xdr.optional(uri, (each, text) => each.string(text)).uint(0),
  nothing,
)
/** Such as `QEMU`. */
export const GET_TYPE = procedure(3, nothing, one)
/** Of the hypervisor: a million times the major version, a thousand times the minor one, and the release. */
export const GET_VERSION = procedure(4, nothing, (xdr) => xdr.uhyper())
/** Of libvirt, as GET_VERSION. */
export const GET_LIB_VERSION = procedure(157, nothing, (xdr) => xdr.uhyper())
export const GET_HOSTNAME = procedure(59, nothing, one)

// The host

export const NODE_GET_INFO = procedure(6, nothing, (xdr) => {
  const [model, memoryKiB] = [chars(xdr, 32), xdr.uhyper()]
  const [cpus, mhz, nodes, sockets, cores, threads] = Array.from({ length: 6 }, () => xdr.int())
  return { model, memoryKiB, cpus, mhz, nodes, sockets, cores, threads }
})
/** @returns its figures in KiB, and how many there are: the server wants to be asked for exactly as many */
export const NODE_GET_MEMORY_STATS = procedure(
  228,
  (xdr, count: number) => void xdr.int(count).int(-1).uint(0),
  (xdr) => {
    const figures = Object.fromEntries(xdr.array(16, (each) => [each.string(), each.uhyper()] as const))
    return { figures, count: xdr.int() }
  },
)

// Domains

/** @param flags a filter, such as those that start with their host; 0 for all */
export const LIST_DOMAINS = procedure(
  273,
  (xdr, flags: number) => void xdr.int(1).uint(flags),
  rows(readDomain),
)
export const DOMAIN_LOOKUP = procedure(24, writeUuid, readDomain)
export const DOMAIN_INFO = procedure(16, writeDomain, (xdr) => ({
  state: xdr.uint(),
  maxMemoryKiB: xdr.uhyper(),
  memoryKiB: xdr.uhyper(),
  cpus: xdr.uint(),
  cpuTimeNs: xdr.uhyper(),
}))
export const DOMAIN_STATE = procedure(212, withFlags(), (xdr) => ({ state: xdr.int(), reason: xdr.int() }))
export const DOMAIN_XML = procedure(14, withFlags(), one)
/** With VIR_DOMAIN_XML_SECURE: the password of its screen stands in it. */
export const DOMAIN_XML_WITH_SECRETS = procedure(14, withFlags(1), one)
/** Figures of these domains by field, such as `block.0.capacity`; of one that went away there are none. */
export const DOMAIN_STATS = procedure(
  344,
  (xdr, domains: readonly Domain[], stats: number, flags: number) =>
    void xdr.array(domains, writeDomain).uint(stats).uint(flags),
  (xdr) =>
    xdr.array(LIST, (each) => ({
      domain: readDomain(each),
      figures: new Map(each.array(STATS, readParam)),
    })),
)

export const DOMAIN_CREATE = procedure(196, withFlags(), readDomain)
export const DOMAIN_DESTROY = procedure(234, withFlags(), nothing)
export const DOMAIN_SHUTDOWN = procedure(258, withFlags(), nothing)
export const DOMAIN_REBOOT = procedure(27, withFlags(), nothing)
export const DOMAIN_SUSPEND = procedure(34, writeDomain, nothing)
export const DOMAIN_RESUME = procedure(28, writeDomain, nothing)
export const DOMAIN_UNDEFINE = procedure(
  231,
  (xdr, domain: Domain, flags: number) => withFlags(flags)(xdr, domain),
  nothing,
)

export const LIST_SNAPSHOTS = procedure(
  274,
  (xdr, domain: Domain) => {
    writeDomain(xdr, domain)
    xdr.int(1).uint(ALL)
  },
  rows(readSnapshot),
)
const snapshotFlags = (xdr: XdrWriter, snapshot: SnapshotRef) => {
  writeSnapshot(xdr, snapshot)
  xdr.uint(0)
}
export const SNAPSHOT_XML = procedure(186, snapshotFlags, one)
export const SNAPSHOT_REVERT = procedure(192, snapshotFlags, nothing)
export const SNAPSHOT_DELETE = procedure(193, snapshotFlags, nothing)
export const SNAPSHOT_CREATE = procedure(
  185,
  (xdr, domain: Domain, xml: string) => {
    writeDomain(xdr, domain)
    xdr.string(xml).uint(0)
  },
  readSnapshot,
)

// Networks

export const LIST_NETWORKS = procedure(283, (xdr) => void xdr.int(1).uint(ALL), rows(readNamed))
export const NETWORK_XML = procedure(
  43,
  (xdr, network: Named) => {
    writeNamed(xdr, network)
    xdr.uint(0)
  },
  one,
)
export const NETWORK_IS_ACTIVE = procedure(152, writeNamed, (xdr) => xdr.int() === 1)
export const NETWORK_LEASES = procedure(
  341,
  (xdr, network: Named) => {
    writeNamed(xdr, network)
    xdr.optional(null, nothing).int(1).uint(0)
  },
  rows((xdr) => {
    const text = () => xdr.optional(one)
    // in the order of the protocol: interface, end, type, MAC, IAID, address, prefix, host name, client
    xdr.string()
    const expires = xdr.hyper()
    xdr.int()
    const [mac, , address] = [text(), text(), xdr.string()]
    xdr.uint()
    text()
    text()
    return { expires, mac, address }
  }, LEASES),
)

// Storage

export const LIST_POOLS = procedure(281, (xdr) => void xdr.int(1).uint(ALL), rows(readNamed))
export const POOL_XML = procedure(
  88,
  (xdr, pool: Named) => {
    writeNamed(xdr, pool)
    xdr.uint(0)
  },
  one,
)
/** Sizes in bytes. */
export const POOL_INFO = procedure(87, writeNamed, (xdr) => ({
  state: xdr.uint(),
  capacity: xdr.uhyper(),
  allocation: xdr.uhyper(),
  available: xdr.uhyper(),
}))
export const LIST_VOLUMES = procedure(
  282,
  (xdr, pool: Named) => {
    writeNamed(xdr, pool)
    xdr.int(1).uint(ALL)
  },
  rows((xdr): Volume => ({ pool: xdr.string(), name: xdr.string(), key: xdr.string() })),
)
export const VOLUME_XML = procedure(
  99,
  (xdr, { pool, name, key }: Volume) => void xdr.string(pool).string(name).string(key).uint(0),
  one,
)

// Events: asked for by these, told by messages with the numbers below

/** Of all domains (lifecycle is 0), or one of them (a reboot is 1). */
export const WATCH_DOMAINS = procedure(
  316,
  (xdr, event: number, domain: Domain | null) => void xdr.int(event).optional(domain, writeDomain),
  (xdr) => xdr.int(),
)
const lifecycle = (xdr: XdrWriter) => void xdr.int(0).optional(null, nothing)
export const WATCH_NETWORKS = procedure(313, lifecycle, (xdr) => xdr.int())
export const WATCH_POOLS = procedure(368, lifecycle, (xdr) => xdr.int())
export const EVENT = {
  domainLifecycle: 318,
  domainReboot: 319,
  networkLifecycle: 315,
  poolLifecycle: 370,
} as const
