import type { Duplex } from 'node:stream'
import type { z } from 'zod'
import type { MetricSpan } from '@/lib/metric-spans'

/** What stands in a cloud and can be found there. Names are those of lib/resource-kinds. */
export type FoundKind =
  'host' | 'virtual_machine' | 'network' | 'datastore' | 'resource_pool' | 'folder' | 'virtual_image'

/** One thing as its cloud tells of it. All texts are the cloud's claims: they are bounded before they are kept, and shown inert. */
export interface Found {
  kind: FoundKind
  /** Its id in this cloud, stable as long as it lives and unique among all kinds: `qemu/101`, `instance/default/web`. At most 300 characters. */
  externalId: string
  name: string
  /** `externalId` of what it stands in (a VM's host, a pool's folder). */
  parent?: string
  /** Fields of the kind in lib/resource-kinds that the cloud tells; memory and disk in bytes as those fields say. */
  spec: Record<string, unknown>
  status: FoundStatus
  /** Usage and what else changes all the time. */
  usage?: Usage
  /** Further facts to show, at most 50 short texts. */
  facts?: Record<string, string>
  /** Fields of type `ref`, by `externalId`. */
  links?: Record<string, string[]>
}

export type FoundStatus = 'running' | 'stopped' | 'paused' | 'online' | 'offline' | 'unknown'

export interface Usage {
  /** 0..1 of what the thing has. */
  cpu?: number
  /** Bytes. */
  memoryUsed?: number
  memoryTotal?: number
  diskUsed?: number
  diskTotal?: number
  /** Seconds since its start. */
  uptime?: number
}

/** How a guest was doing for a while that begins at `at`: means. What the cloud does not tell is absent. */
export interface MetricPoint {
  /** ISO 8601. */
  at: string
  /** 0..1 of what the guest has. */
  cpu?: number
  /** Bytes. */
  memoryUsed?: number
  memoryTotal?: number
  /** Bytes a second. */
  diskRead?: number
  diskWrite?: number
  netIn?: number
  netOut?: number
}

/** A task or an event of the cloud itself. */
export interface Activity {
  kind: 'task' | 'event'
  /** Unique in this cloud: a UPID, an operation's id. */
  externalId: string
  title: string
  /** `externalId` of what it is about. */
  target?: string
  /** Who did it, as the cloud names them. */
  actor?: string
  status: 'running' | 'ok' | 'failed' | 'info'
  message?: string
  /** ISO 8601. */
  startedAt: string
  endedAt?: string
}

export interface Backup {
  externalId: string
  /** `externalId` of the guest and of the data store. */
  guest?: string
  datastore?: string
  /** ISO 8601. */
  takenAt: string
  /** Bytes. */
  size?: number
  format?: string
  protected?: boolean
  verified?: 'ok' | 'failed'
  notes?: string
}

/** What a page may offer for a cloud. */
export interface Capabilities {
  /** Kinds that `discover` finds. */
  finds: readonly FoundKind[]
  actions: readonly ActionName[]
  watches: boolean
  activity: boolean
  backups: boolean
  /** What opens of a machine: its screen, or a shell in it; absent: nothing. */
  console?: ConsoleKind
  /** Whether it keeps how guests were doing, for `metrics`. */
  metrics?: boolean
  /** What a machine can be made of here, and what is to be chosen for it; absent: none is made. */
  creates?: Creates
}

export interface Creates {
  /** Images, or machines that are templates. */
  from: 'virtual_image' | 'virtual_machine'
  /** What it is put into. */
  place: { kind: FoundKind; label: string; required: boolean }
  /** Whether its network is chosen. */
  network: boolean
}

/** A machine to be made. Memory and disk in bytes; all that it names by `externalId`. */
export interface Creation {
  /** As a host is called: letters, digits and -. */
  name: string
  source: string
  place: string | null
  datastore: string | null
  network: string | null
  cores: number
  memory: number
  disk: number
  start: boolean
}

/** What came of a creation. */
export interface Created extends Outcome {
  /** The id that the machine has, where it is another than was chosen. */
  externalId?: string
  status: FoundStatus
}

/** All that may be done with a guest; a connector says which of them it can. */
export const ACTIONS = [
  'start',
  'stop',
  'shutdown',
  'reboot',
  'suspend',
  'resume',
  'snapshot',
  'rollback',
  'delete_snapshot',
  'delete',
] as const
export type ActionName = (typeof ACTIONS)[number]

export interface Action {
  name: ActionName
  target: Pick<Found, 'kind' | 'externalId'>
  /** Of the snapshot, where the action is about one. */
  snapshot?: string
}

export interface Snapshot {
  name: string
  /** ISO 8601; absent where the cloud does not tell. */
  takenAt?: string
  description?: string
}

/** `screen`: pixels, as RFB 3.8 draws them; `terminal`: text, as xterm shows it. */
export type ConsoleKind = 'screen' | 'terminal'

/** An open console. It ends with its stream, whoever ends that. */
export interface Console {
  kind: ConsoleKind
  /** A screen is signed in to: what comes next is RFB's ClientInit. */
  stream: Duplex
  /** Of a terminal. */
  resize?(columns: number, rows: number): void
}

/** How an action ended in the cloud itself, not how its request was answered. */
export interface Outcome {
  ok: boolean
  /** The cloud's own words; empty when all went well. */
  message: string
}

/** What is wrong, in terms that a remedy can be given for. */
export type ConnectorErrorCode =
  | 'blocked_address'
  | 'unreachable'
  | 'timeout'
  | 'untrusted_certificate'
  | 'changed_certificate'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'wrong_server'
  | 'bad_answer'
  | 'too_large'
  | 'rate_limited'
  | 'server_error'
  | 'unsupported'

/** All that a connector or its transport throws on purpose. The message may be shown: it holds no secret and nothing of the answer's body. */
export class ConnectorError extends Error {
  override name = 'ConnectorError'
  constructor(
    readonly code: ConnectorErrorCode,
    message: string,
    /** Seconds, where the server asked to wait. */
    readonly retryAfter?: number,
  ) {
    super(message)
  }
}

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Begins with `/`; has its query, encoded. */
  path: string
  headers?: Readonly<Record<string, string>>
  body?: string
  /** At most; default 10,000. */
  timeoutMs?: number
  /** At most; default 10 MB. Lists of guests ask for more. */
  maxBytes?: number
}

export interface HttpAnswer {
  status: number
  /** Proxmox says there what its empty body does not. */
  statusText: string
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>
  body: Buffer
}

/**
 * The only way of a connector to its server: to one endpoint, whose address policy allows and whose certificate is the pinned one.
 * Follows no redirects. Throws ConnectorError: blocked_address, unreachable, timeout, untrusted_certificate, changed_certificate, too_large.
 */
export interface Transport {
  /** Any status that the server answered, also 4xx and 5xx. */
  request(request: HttpRequest): Promise<HttpAnswer>
  /** An open, verified stream to the endpoint (TLS, TCP or unix socket): for websockets and protocols that are no HTTP. */
  connect(): Promise<Duplex>
  /** A plain connection to another port of the same server, under the same rules: nothing that is said there is encrypted. */
  beside(port: number): Promise<Duplex>
}

/** What a connector is given for one piece of work. */
export interface ConnectorContext<Settings = unknown, Secret = unknown> {
  transport: Transport
  /** As the connector's schema parsed them. */
  settings: Settings
  secret: Secret
  signal: AbortSignal
}

export interface TestReport {
  /** Such as `Proxmox VE 9.2.11, cluster prod (3 nodes)`. */
  server: string
  version: string
  /** What works less than it could, each with what to do about it. */
  findings: Finding[]
}

export interface Finding {
  level: 'warning' | 'error'
  message: string
  /** What to do, in words. */
  remedy: string
  /** Commands to run on the cloud that mend it. */
  commands?: string[]
}

/**
 * One kind of cloud. Adding one: a folder here, its entry in registry.ts, and `connectorSuite` (test/connector-suite.ts) passing on it.
 */
export interface Connector<Settings = unknown, Secret = unknown> {
  readonly id: string
  readonly label: string
  readonly capabilities: Capabilities
  /** How a person enters the endpoint: its form, and how it is turned into what the transport needs. */
  readonly endpoint: EndpointForm
  /** Strict; no secrets. Changing any of it asks for the secret again. */
  readonly settings: z.ZodType<Settings>
  /** Strict; kept sealed, never given out again. */
  readonly secret: z.ZodType<Secret>
  /** The fields of `settings` and `secret` for the wizard, in order. */
  readonly fields: readonly ConnectorField[]

  /** What the transport shows the server in TLS, for connectors that sign in so. */
  clientCertificate?(secret: Secret): { certificate: string; key: string } | undefined
  /** Once, before the first connection: what was entered, with what is made for it here, such as a key. Asks nobody. */
  prepare?(secret: Secret): Promise<Secret>
  /** Once, before `test`, with what `prepare` gave: uses up a token that works once. @returns what to keep @throws ConnectorError */
  enrol?(context: ConnectorContext<Settings, Secret>): Promise<Secret>
  /** Signs in, looks around, changes nothing. @throws ConnectorError */
  test(context: ConnectorContext<Settings, Secret>): Promise<TestReport>
  /**
   * All that stands in the cloud, in batches of any size, parents before children where the cloud makes it easy.
   * Throws ConnectorError rather than end early: an end means that all was listed.
   */
  discover(context: ConnectorContext<Settings, Secret>): AsyncIterable<Found[]>
  /** Calls `changed` soon after something changed; returns when the signal aborts. @throws ConnectorError when the stream is lost */
  watch?(context: ConnectorContext<Settings, Secret>, changed: () => void): Promise<void>
  /** Tasks and events, the newest first. */
  activity?(context: ConnectorContext<Settings, Secret>): Promise<Activity[]>
  backups?(context: ConnectorContext<Settings, Secret>): Promise<Backup[]>
  snapshots?(
    context: ConnectorContext<Settings, Secret>,
    target: Pick<Found, 'kind' | 'externalId'>,
  ): Promise<Snapshot[]>
  /** Opens the console of a running machine; it lasts until its stream ends or the context's signal aborts. @throws ConnectorError */
  console?(
    context: ConnectorContext<Settings, Secret>,
    target: Pick<Found, 'kind' | 'externalId'>,
  ): Promise<Console>
  /** How a guest was doing up to now, the oldest first, at most 500 points. @throws ConnectorError */
  metrics?(
    context: ConnectorContext<Settings, Secret>,
    target: Pick<Found, 'kind' | 'externalId'>,
    span: MetricSpan,
  ): Promise<MetricPoint[]>
  /** Asks for it once (never twice on a lost answer). @returns the cloud's handle of the work, for `follow` @throws ConnectorError */
  act?(context: ConnectorContext<Settings, Secret>, action: Action): Promise<string>
  /** Waits for the real end. Called again with the same handle after a restart, it goes on. @throws ConnectorError */
  follow?(context: ConnectorContext<Settings, Secret>, handle: string): Promise<Outcome>
  /** The `externalId` that a new machine will have: known before it is asked for, so that a look finds it as what it is. @throws ConnectorError */
  newId?(context: ConnectorContext<Settings, Secret>, creation: Creation): Promise<string>
  /** Asks for a machine once. @returns the handle of the work @throws ConnectorError */
  create?(
    context: ConnectorContext<Settings, Secret>,
    creation: Creation,
    externalId: string,
  ): Promise<string>
  /** Waits for its real end, and goes on with what is left to do; takes away what was half made. May be called again. @throws ConnectorError */
  finish?(
    context: ConnectorContext<Settings, Secret>,
    creation: Creation,
    externalId: string,
    handle: string,
  ): Promise<Created>
}

export interface EndpointForm {
  /** https: address with TLS; tls: TLS without HTTP; unix: path of a socket on the portal's machine, where its operator allows it. */
  schemes: readonly ('https' | 'http' | 'tls' | 'unix')[]
  defaultPort: number
  placeholder: string
  hint: string
}

export interface ConnectorField {
  name: string
  /** Where the value belongs. */
  in: 'settings' | 'secret'
  label: string
  type: 'text' | 'password' | 'multiline'
  required: boolean
  hint?: string
  placeholder?: string
}
