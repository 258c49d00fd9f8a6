import { X509Certificate } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { makeKeyPair } from '@/server/connectors/incus/enrol'
import { EmulatedConsoles } from '@/test/proxmox/consoles'
import { rrdRows } from '@/test/proxmox/rrd'

interface Guest {
  type: 'qemu' | 'lxc'
  vmid: number
  name: string
  node: string
  status: 'running' | 'stopped' | 'paused'
  pool?: string
  template?: boolean
  /** GiB of its disk. */
  size: number
  cores: number
  /** MiB. */
  memory: number
  snapshots: { name: string; snaptime: number }[]
}

interface Task {
  upid: string
  type: string
  id: string
  exitstatus: string
  /** How often it is still said to run. */
  left: number
  /** Seconds since 1970, where it is no matter of the recording. */
  start?: number
}

/** In a storage, by its volume id. */
interface KeptBackup {
  volid: string
  storage: string
  /** Of which node's folder; absent for a shared one. */
  node?: string
  vmid: number
  ctime: number
  size: number
  notes?: string
  protected?: 0 | 1
  verification?: { state: string }
}

type Privileges = Record<string, Record<string, 0 | 1>>
type Fault =
  'silent' | 'html' | 'truncated' | 'redirect' | 'no envelope' | 'no list' | 401 | 403 | 429 | 500 | 595

/**
 * A Proxmox VE of one cluster as far as the connector asks it: its answers have the fields of test/proxmox/recorded.json (a test compares
 * them), it keeps state, and it fails as it is told. It shows a token only what its pools hold, as the real one does.
 */
export class ProxmoxEmulator {
  readonly tokenId = 'freehold@pve!portal'
  readonly token = '0b7cf3a1-3f3e-4a6e-9d6c-1f2e3d4c5b6a'
  readonly guests = new Map<string, Guest>()
  readonly tasks: Task[] = []
  readonly backups: KeptBackup[] = []
  readonly consoles = new EmulatedConsoles()
  /** Paths that fail, by a part of them. */
  failingPath: string | null = null
  /** What was asked, in order. */
  readonly asked: string[] = []
  privileges: Privileges = { '/': Object.fromEntries(FULL.map((one) => [one, 1])) }
  /** Pools that the token is limited to. */
  pools: string[] | null = null
  fault: Fault | null = null
  /** What ends each of the tasks of this sort, in place of OK. */
  readonly failing = new Map<string, string>()
  /** Rows that stand in the list beside the guests. */
  extra: unknown[] = []
  /** What a guest's history is answered with, in place of one that is made up. */
  history: unknown = null
  port = 0
  fingerprint = ''
  private server: https.Server | undefined

  /** @param port any free one unless named */
  async start(port = 0): Promise<this> {
    const { certificate, key } = await makeKeyPair()
    this.fingerprint = new X509Certificate(certificate).fingerprint256
    this.server = https.createServer({ cert: certificate, key }, (req, res) => this.serve(req, res))
    this.consoles.listen(this.server, `PVEAPIToken=${this.tokenId}=${this.token}`)
    await new Promise<void>((resolve) => this.server?.listen(port, '127.0.0.1', resolve))
    this.port = (this.server.address() as AddressInfo).port
    return this
  }
  stop(): Promise<void> {
    this.server?.closeAllConnections()
    return new Promise((resolve) => this.server?.close(() => resolve()))
  }
  /** A task that somebody else began. */
  did(type: string, id: string, { start, exitstatus = 'OK', left = 0 }: Partial<Task> = {}): void {
    const upid = `UPID:pve1:0000AA05:00069B91:${(start ?? 0).toString(16)}:${type}:${id}:root@pam:${this.tasks.length}`
    this.tasks.push({ upid, type, id, exitstatus, left, ...(start !== undefined && { start }) })
  }
  add(guest: Partial<Guest> & Pick<Guest, 'vmid'>): Guest {
    const made: Guest = {
      type: 'qemu',
      name: `vm-${guest.vmid}`,
      node: 'pve1',
      status: 'stopped',
      size: 1,
      cores: 2,
      memory: 128,
      snapshots: [],
      ...guest,
    }
    this.guests.set(`${made.type}/${made.vmid}`, made)
    return made
  }

  private serve(req: IncomingMessage, res: ServerResponse): void {
    const path = (req.url ?? '').replace(/^\/api2\/json/, '')
    this.asked.push(`${req.method} ${path}`)
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      if (req.headers.authorization !== `PVEAPIToken=${this.tokenId}=${this.token}`)
        return void res.writeHead(401, 'No ticket').end()
      if (this.fault !== null) return fail(res, this.fault)
      if (this.failingPath !== null && path.includes(this.failingPath)) return fail(res, 500)
      const answer = this.answer(
        req.method ?? '',
        path,
        new URLSearchParams(Buffer.concat(chunks).toString()),
      )
      if ('error' in answer)
        res
          .writeHead(answer.error, answer.why)
          .end(JSON.stringify({ data: null, message: `${answer.why}\n` }))
      else res.writeHead(200).end(JSON.stringify({ data: answer.data }))
    })
  }

  private answer(
    method: string,
    path: string,
    form: URLSearchParams,
  ): { data: unknown } | { error: number; why: string } {
    if (path === '/version') return { data: { version: '9.2.11', release: '9.2', repoid: '14a22df3' } }
    if (path === '/access/permissions') return { data: this.privileges }
    if (path === '/cluster/nextid') return { data: String(this.nextId()) }
    if (path === '/cluster/status')
      return this.pools
        ? { error: 403, why: 'Permission check failed (/, Sys.Audit)' }
        : {
            data: [
              { type: 'cluster', name: 'prod' },
              ...NODES.map((name) => ({ type: 'node', name, id: `node/${name}` })),
            ],
          }
    if (path === '/cluster/resources') return { data: this.resources() }
    if (path === '/cluster/resources?type=vm') return { data: this.guestRows() }
    if (path === '/cluster/resources?type=storage')
      return { data: NODES.flatMap((node) => [storageRow(node, 'local', 0), storageRow(node, 'ceph', 1)]) }
    const kept = /^\/nodes\/(\w+)\/storage\/(\w+)\/content\?content=backup$/.exec(path)
    if (kept)
      return {
        data: this.backups
          .filter(({ storage, node }) => storage === kept[2] && (node === undefined || node === kept[1]))
          .map(({ storage: _storage, node: _node, ...row }) => ({
            content: 'backup',
            format: 'vma.zst',
            ...row,
          })),
      }
    if (path === '/cluster/tasks') return { data: this.tasks.map((task) => taskRow(task)) }
    const status = /^\/nodes\/(\w+)\/tasks\/([^/]+)\/status$/.exec(path)
    if (status) return this.taskStatus(decodeURIComponent(status[2] ?? ''))
    return this.onGuest(method, path, form)
  }

  private guestRows(): object[] {
    return [...this.guests.values()]
      .filter(({ pool }) => this.pools === null || (pool !== undefined && this.pools.includes(pool)))
      .map((g) => ({
        ...ZEROS,
        id: `${g.type}/${g.vmid}`,
        type: g.type,
        vmid: g.vmid,
        name: g.name,
        node: g.node,
        status: g.status,
        maxcpu: g.cores,
        maxmem: g.memory * 2 ** 20,
        maxdisk: g.size * 2 ** 30,
        template: g.template ? 1 : 0,
        ...(g.pool && { pool: g.pool }),
        tags: 'a;prod',
        uptime: g.status === 'running' ? 89 : 0,
      }))
  }
  private resources(): unknown[] {
    const pools = this.pools ? [] : [...new Set([...this.guests.values()].flatMap(({ pool }) => pool ?? []))]
    return [
      ...pools.map((pool) => ({ type: 'pool', id: `/pool/${pool}`, pool })),
      ...this.guestRows(),
      ...NODES.map((node) => nodeRow(node)),
      ...(this.pools
        ? []
        : NODES.flatMap((node) => [storageRow(node, 'local', 0), storageRow(node, 'ceph', 1)])),
      ...(this.pools
        ? []
        : [
            {
              type: 'network',
              id: 'network/pve1/localnetwork',
              network: 'localnetwork',
              node: 'pve1',
              status: 'ok',
            },
          ]),
      ...this.extra,
    ]
  }
  private nextId(): number {
    const taken = new Set([...this.guests.values()].map(({ vmid }) => vmid))
    let id = 100
    while (taken.has(id)) id++
    return id
  }
  private taskStatus(upid: string): { data: unknown } | { error: number; why: string } {
    const task = this.tasks.find((one) => one.upid === upid)
    if (!task) return { error: 500, why: 'no such task' }
    if (task.left-- > 0) return { data: { upid, status: 'running', type: task.type } }
    return { data: { upid, status: 'stopped', exitstatus: task.exitstatus, type: task.type } }
  }

  /** As the real one: a task is begun whatever comes of it, and only its exit status tells. */
  private onGuest(
    method: string,
    path: string,
    form: URLSearchParams,
  ): { data: unknown } | { error: number; why: string } {
    const [, node, id, rest = ''] = /^\/nodes\/(\w+)\/((?:qemu|lxc)\/\d+)(\/.*)?$/.exec(path) ?? []
    const guest = this.guests.get(id ?? '')
    if (!id) return { error: 501, why: `Method '${method} ${path}' not implemented` }
    if (!guest || guest.node !== node)
      return { error: 500, why: `Configuration file 'nodes/${node}/${id}.conf' does not exist` }
    if (method === 'GET' && rest === '/snapshot')
      return { data: [...guest.snapshots, { name: 'current', description: 'You are here!', running: 1 }] }
    const span = /^\/rrddata\?timeframe=(hour|day|week)&cf=AVERAGE$/.exec(rest)?.[1]
    if (span) return { data: this.history ?? rrdRows(guest, span) }
    if (method === 'GET' && rest === '/config')
      return {
        data: {
          name: guest.name,
          boot: 'order=scsi0;ide2',
          scsi0: `ceph:vm-${guest.vmid}-disk-0,size=${guest.size}G`,
          ide2: 'none,media=cdrom',
        },
      }
    if (method === 'POST' && rest === '/vncproxy') {
      if (guest.status !== 'running') return { error: 500, why: `VM ${guest.vmid} not running` }
      return { data: this.consoles.make(this.begin(guest, 'vncproxy', rest, form)) }
    }
    if (method === 'PUT' && rest === '/config') {
      if (this.failing.has('config')) return { error: 500, why: this.failing.get('config') ?? '' }
      Object.assign(guest, { cores: Number(form.get('cores')), memory: Number(form.get('memory')) })
      return { data: null }
    }
    const verb = method === 'DELETE' && rest === '' ? 'destroy' : (/\/(\w+)$/.exec(rest)?.[1] ?? '')
    return {
      data: this.begin(
        guest,
        rest === '/snapshot' ? 'snapshot' : method === 'DELETE' && rest ? 'delsnapshot' : verb,
        rest,
        form,
      ),
    }
  }
  private begin(guest: Guest, verb: string, rest: string, form: URLSearchParams): string {
    const upid = `UPID:${guest.node}:00007B05:00069B91:${(0x6b019165 + this.tasks.length).toString(16)}:qm${verb}:${guest.vmid}:freehold@pve!portal:`
    const named = /^\/snapshot\/([\w-]+)/.exec(rest)?.[1]
    const exitstatus =
      this.failing.get(verb) ??
      (verb === 'clone' || verb === 'resize'
        ? reshape(this.guests, guest, verb, form)
        : change(this.guests, guest, verb, form.get('snapname') ?? named ?? ''))
    this.tasks.push({ upid, type: `qm${verb}`, id: String(guest.vmid), exitstatus, left: 0 })
    return upid
  }
}

const NODES = ['pve1', 'pve2']
export const FULL = [
  ...['VM.Audit', 'VM.Console', 'VM.PowerMgmt', 'VM.Snapshot', 'VM.Snapshot.Rollback', 'VM.Allocate'],
  ...['Sys.Audit', 'Datastore.Audit', 'Pool.Audit', 'SDN.Audit'],
  ...['Datastore.AllocateSpace', 'VM.Backup'],
  ...[
    'VM.Clone',
    'VM.Config.CPU',
    'VM.Config.Memory',
    'VM.Config.Disk',
    'Datastore.AllocateSpace',
    'SDN.Use',
  ],
]
const ZEROS = {
  ...{ cpu: 0.03, maxcpu: 2, mem: 1024, memhost: 0, maxmem: 134_217_728, disk: 0, maxdisk: 1_073_741_824 },
  ...{ diskread: 0, diskwrite: 0, netin: 0, netout: 0, template: 0 },
}
const nodeRow = (node: string) => ({
  ...{ type: 'node', id: `node/${node}`, node, status: 'online', level: '', 'cgroup-mode': 2, uptime: 4420 },
  ...{ cpu: 0.18, maxcpu: 8, mem: 1_123_037_184, maxmem: 25_276_502_016, disk: 1, maxdisk: 270_553_174_016 },
})
const storageRow = (node: string, storage: string, shared: 0 | 1) => ({
  ...{ type: 'storage', id: `storage/${node}/${storage}`, node, storage, shared, status: 'available' },
  ...{ plugintype: shared ? 'rbd' : 'dir', content: 'iso,backup', disk: 10, maxdisk: 100 },
})
const taskRow = ({ upid, type, id, exitstatus, left, start = 1_795_264_869 }: Task) => ({
  ...{ upid, node: 'pve1', type, id, user: 'freehold@pve', tokenid: 'portal', saved: '1' },
  ...{ starttime: start, ...(left === 0 && { endtime: start + 1, status: exitstatus }) },
})

/** Does it. @returns the task's exit status */
function change(guests: Map<string, Guest>, guest: Guest, verb: string, name: string): string {
  const snapshot = guest.snapshots.find((one) => one.name === name)
  const is = (status: Guest['status']) => guest.status === status
  switch (verb) {
    case 'start':
      if (is('running')) return `VM ${guest.vmid} already running`
      guest.status = 'running'
      return 'OK'
    case 'stop':
    case 'shutdown':
      if (is('stopped')) return 'VM not running'
      guest.status = 'stopped'
      return 'OK'
    case 'vncproxy':
      return 'OK'
    case 'suspend':
    case 'resume':
      guest.status = verb === 'suspend' ? 'paused' : 'running'
      return 'OK'
    case 'reboot':
      return is('running') ? 'OK' : 'VM not running'
    case 'snapshot':
      if (snapshot) return `snapshot name '${name}' already used`
      guest.snapshots.push({ name, snaptime: 1_795_264_000 })
      return 'OK'
    case 'rollback':
      return snapshot ? 'OK' : `snapshot '${name}' does not exist`
    case 'delsnapshot':
      guest.snapshots = guest.snapshots.filter((one) => one !== snapshot)
      return snapshot ? 'WARNINGS: 1' : `snapshot '${name}' does not exist`
    case 'destroy':
      if (is('running')) return `VM ${guest.vmid} is running - destroy failed`
      guests.delete(`${guest.type}/${guest.vmid}`)
      return 'OK'
    default:
      return `unknown command ${verb}`
  }
}

/** Clones a guest, or makes its disk larger. @returns the task's exit status */
function reshape(guests: Map<string, Guest>, guest: Guest, verb: string, form: URLSearchParams): string {
  if (verb === 'resize') {
    guest.size = Number((form.get('size') ?? '').replace('M', '')) / 1024
    return 'OK'
  }
  const vmid = Number(form.get('newid'))
  const name = form.get('name') ?? form.get('hostname') ?? ''
  const pool = form.get('pool') ?? undefined
  if (guests.has(`qemu/${vmid}`) || guests.has(`lxc/${vmid}`)) return `VM ${vmid} already exists`
  guests.set(`${guest.type}/${vmid}`, {
    ...guest,
    ...{ vmid, name, pool, template: false, status: 'stopped', snapshots: [] },
  })
  return 'OK'
}

function fail(res: ServerResponse, fault: Fault): void {
  switch (fault) {
    case 'silent':
      return
    case 'html':
      return void res.writeHead(200).end('<!DOCTYPE html><title>Router</title>')
    case 'truncated':
      return void res.writeHead(200).end('{"data":[{"type":"qemu","id":"qemu/1')
    case 'redirect':
      return void res.writeHead(302, { location: 'https://elsewhere.example/' }).end()
    case 'no envelope':
      return void res.writeHead(200).end('[]')
    case 'no list':
      return void res.writeHead(200).end('{"data":{"a":1}}')
    case 429:
      return void res.writeHead(429, { 'retry-after': '7' }).end()
    default:
      return void res.writeHead(fault, 'Permission denied - secret path /etc/pve').end()
  }
}
