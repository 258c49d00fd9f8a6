// What `npm run bench -- clouds` asks, by the procedures that pages and the API ask.
import { cloudId, hostId, machineId } from '@/prisma/seed/large-clouds'
import type { ViewerName } from '@/prisma/seed/large'
import type { SignedInOp } from '@/server/context/op'
import { cloudsRouter } from '@/server/features/clouds/clouds.router'
import { connectionsRouter } from '@/server/features/connections/connections.router'
import { hostMovesRouter } from '@/server/features/host-moves/host-moves.router'
import { hostsRouter } from '@/server/features/hosts/hosts.router'
import { machinesRouter } from '@/server/features/machines/machines.router'
import { resourcesRouter } from '@/server/features/resources/resources.router'
import { streamsRouter } from '@/server/features/streams/streams.router'
import { createCallerFactory, router } from '@/server/rpc/procedure'

const factory = createCallerFactory(
  router({
    clouds: cloudsRouter,
    connections: connectionsRouter,
    hostMoves: hostMovesRouter,
    hosts: hostsRouter,
    machines: machinesRouter,
    resources: resourcesRouter,
    streams: streamsRouter,
  }),
)
type Caller = ReturnType<typeof factory>
export const callerOf = (op: SignedInOp): Caller => factory({ op })

const kind = 'virtual_machine'
const [big, own] = [cloudId(0), cloudId(1)]
const range = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => cloudId(from + i))

interface Case {
  what: string
  who: ViewerName
  run: (caller: Caller) => Promise<unknown>
}

const asked = (who: ViewerName, all: Record<string, Case['run']>): Case[] =>
  Object.entries(all).map(([what, run]) => ({ what, who, run }))

/** `big` is the master's, `own` the typical tenant's, each with the machines that were asked for. */
export const CASES: readonly Case[] = [
  ...asked('master', {
    'machines by name': ({ resources }) => resources.list({ kind, limit: 50 }),
    'machines of the large cloud': ({ resources }) => resources.list({ kind, cloudId: big, limit: 50 }),
    'machines of a small cloud': ({ resources }) => resources.list({ kind, cloudId: cloudId(3), limit: 50 }),
    'machines, newest first': ({ resources }) =>
      resources.list({ kind, sort: 'created', desc: true, limit: 50 }),
    'machines, a name that one has': ({ resources }) => resources.list({ kind, search: '-77777', limit: 50 }),
    tasks: ({ streams }) => streams.activity({ kind: 'task' }),
    events: ({ streams }) => streams.activity({ kind: 'event' }),
    'tasks that failed': ({ streams }) => streams.activity({ status: ['failed'] }),
    'tasks of a cloud': ({ streams }) => streams.activity({ cloudId: cloudId(9) }),
    'tasks of a machine': ({ streams }) => streams.activity({ resourceId: machineId(9, 7) }),
    'tasks, words that none has': ({ streams }) => streams.activity({ search: 'no such word' }),
    backups: ({ streams }) => streams.backups({}),
    'backups found broken': ({ streams }) => streams.backups({ state: ['broken'] }),
    'backups of a machine': ({ streams }) => streams.backups({ resourceId: machineId(9, 7) }),
    'figures of 50 clouds': ({ connections }) =>
      connections.figures({ ids: range(0, 42).filter((id) => id !== own) }),
    'overview of the large cloud': ({ clouds }) => clouds.overview({ id: big }),
    'samples of a host, an hour': ({ hosts }) => hosts.metrics({ id: hostId(0, 7), range: 'hour' }),
    'samples of a host, a day': ({ hosts }) => hosts.metrics({ id: hostId(0, 7), range: 'day' }),
    'samples of a host, a week': ({ hosts }) => hosts.metrics({ id: hostId(0, 7), range: 'week' }),
    'a machine': ({ machines }) => machines.get({ id: machineId(0, 11) }),
    'what can be made in the large cloud': ({ machines }) => machines.choices({ cloudId: big }),
    'migrations of hosts': ({ hostMoves }) => hostMoves.list({}),
  }),
  ...asked('typical', {
    'machines by name': ({ resources }) => resources.list({ kind, limit: 50 }),
    'machines of its large cloud': ({ resources }) => resources.list({ kind, cloudId: own, limit: 50 }),
    tasks: ({ streams }) => streams.activity({ kind: 'task' }),
    'tasks of a cloud': ({ streams }) => streams.activity({ cloudId: own }),
    'tasks, words that none has': ({ streams }) => streams.activity({ search: 'no such word' }),
    backups: ({ streams }) => streams.backups({}),
    'figures of its clouds': ({ connections }) => connections.figures({ ids: [own, ...range(22, 42)] }),
    'overview of its large cloud': ({ clouds }) => clouds.overview({ id: own }),
    'a machine with 10,000 doings': ({ machines }) => machines.get({ id: machineId(1, 7) }),
    'what can be made in its large cloud': ({ machines }) => machines.choices({ cloudId: own }),
  }),
  ...asked('small', {
    'tasks of what it used before': ({ streams }) => streams.activity({ kind: 'task' }),
    'machines of the large cloud': ({ resources }) => resources.list({ kind, cloudId: big, limit: 50 }),
    'figures of the large cloud': ({ connections }) => connections.figures({ ids: [big] }),
    'overview of the large cloud': ({ clouds }) => clouds.overview({ id: big }),
    'what can be made in the large cloud': ({ machines }) => machines.choices({ cloudId: big }),
  }),
]

/** What workers ask, with thousands that wait. */
export const FUNCTIONS: readonly { what: string; call: string; before?: string[] }[] = [
  { what: 'sync_claim, 5,062 clouds due', call: 'select wall.sync_claim()' },
  {
    what: 'sync_claim, none due',
    call: 'select wall.sync_claim()',
    before: [`update cloud_sync set next_at = now() + interval '5 minutes'`],
  },
  { what: 'watch_claim', call: `select wall.watch_claim(array['proxmox', 'incus'])` },
  { what: 'action_claim, 2,001 waiting', call: 'select wall.action_claim()' },
  {
    what: 'action_claim, none waiting',
    call: 'select wall.action_claim()',
    before: [`update cloud_action set status = 'failed' where status = 'queued'`],
  },
  { what: 'creation_claim, 2,000 waiting', call: 'select wall.creation_claim()' },
  {
    what: 'creation_claim, none waiting',
    call: 'select wall.creation_claim()',
    before: [`update machine_creation set status = 'failed' where status = 'queued'`],
  },
  {
    what: 'end of a look’s tasks (streams_end)',
    call: `select wall.streams_end('00000000-0000-4000-8000-000000000777', '{}', null, '')`,
    before: [
      `update cloud_sync set run = '00000000-0000-4000-8000-000000000777', status = 'running' where cloud_id = '${cloudId(5)}'`,
    ],
  },
  { what: 'activity_purge, hourly', call: 'select wall.activity_purge()' },
]
