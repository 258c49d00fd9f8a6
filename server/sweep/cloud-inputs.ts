import { ada, mara, none, type Valid } from '@/server/sweep/asking'
import type { TenantKey } from '@/test/actors'
import { tenantId } from '@/test/factories'
import {
  connectedCloud,
  connectedName,
  foundMachine,
  foundTemplate,
  plantConnections,
} from '@/test/plant-connections'
import type { World } from '@/test/world'

// Valid calls of what connects clouds; a part of VALID in inputs.ts. No network is asked: of what may be reached, addresses are no part.

const cloud = ({ tenant }: { tenant: TenantKey }) => ({ id: connectedCloud(tenant) })
const machine = ({ tenant }: { tenant: TenantKey }) => ({ id: foundMachine(tenant) })
const HOW = {
  connector: 'proxmox',
  endpoint: 'https://pve.example:8006',
  secret: { tokenId: 'freehold@pve!portal', token: '0b7cf3a1-3f3e-4a6e-9d6c-1f2e3d4c5b6a' },
  untested: true,
}

export const OF_CLOUDS: Record<string, Valid> = {
  'connections.connectors': ada(none),
  'connections.get': ada(cloud),
  'connections.figures': ada((who) => ({ ids: [cloud(who).id] })),
  'connections.look': ada(() => ({ connector: 'incus', endpoint: 'unix:/run/incus.socket' })),
  'connections.create': ada(() => ({ name: 'New cloud', ...HOW })),
  'connections.connect': ada((who) => ({ ...cloud(who), ...HOW })),
  'connections.check': ada(cloud),
  'connections.remove': ada((who) => ({ ...cloud(who), confirmName: connectedName(who.tenant) })),
  'connections.refresh': ada(cloud),
  'connections.schedule': ada((who) => ({ ...cloud(who), everySeconds: 900, paused: false })),
  'connections.accept': ada(cloud),
  'machines.get': ada(machine),
  'machines.snapshots': ada(machine),
  'consoles.get': ada(machine),
  'consoles.open': ada(machine),
  'machines.metrics': ada((who) => ({ ...machine(who), span: 'day' })),
  'machines.act': ada((who) => ({ ...machine(who), action: 'start' })),
  'streams.activity': ada(() => ({})),
  'streams.backups': ada(() => ({})),
  'machines.choices': ada(({ tenant }) => ({ cloudId: connectedCloud(tenant) })),
  'machines.create': ada(({ tenant }) => ({
    ...{ cloudId: connectedCloud(tenant), sourceId: foundTemplate(tenant), name: 'made-here' },
    ...{ cores: 2, memory: 2 ** 30, disk: 2 ** 33, start: true },
  })),
  'machines.limits': mara(() => ({ tenantId: tenantId('A') })),
  'machines.setLimits': mara(() => ({
    tenantId: tenantId('A'),
    machines: 5,
    cores: 8,
    memory: null,
    disk: null,
  })),
  'connections.egress': mara(() => ({ tenantId: tenantId('A') })),
  'connections.setEgress': mara(() => ({ tenantId: tenantId('A'), networks: ['10.2.0.0/16'] })),
}

export const BEFORE_CLOUDS: Record<string, (world: World) => Promise<unknown>> = {
  ...Object.fromEntries(
    [
      ...['get', 'figures', 'connect', 'check', 'remove', 'refresh', 'schedule'].map(
        (name) => `connections.${name}`,
      ),
      ...['get', 'snapshots', 'metrics', 'act', 'choices', 'create'].map((name) => `machines.${name}`),
      'consoles.get',
      ...['activity', 'backups'].map((name) => `streams.${name}`),
    ].map((name) => [name, plantConnections]),
  ),
  'consoles.open': async (world) => {
    await plantConnections(world)
    await world.admin.query(`update resource_state set status = 'running' where status = 'stopped'`)
  },
  'connections.accept': async (world) => {
    await plantConnections(world)
    await world.admin.query(`update cloud_sync set status = 'shrunk'`)
  },
}
