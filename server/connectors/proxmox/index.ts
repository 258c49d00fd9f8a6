import { z } from 'zod'
import { ACTIONS, type Connector, ConnectorError, type Found } from '@/server/connectors/contract'
import { act, follow, snapshots } from '@/server/connectors/proxmox/actions'
import { readTasks } from '@/server/connectors/proxmox/activity'
import { listBackups } from '@/server/connectors/proxmox/backups'
import { openConsole } from '@/server/connectors/proxmox/console'
import { ask, type Context, rowsOf, secret, settings } from '@/server/connectors/proxmox/client'
import { create, finish, newId } from '@/server/connectors/proxmox/create'
import { examine } from '@/server/connectors/proxmox/doctor'
import { metrics } from '@/server/connectors/proxmox/metrics'
import { readResources } from '@/server/connectors/proxmox/resources'

const version = z.object({ version: z.string().max(50) })
const member = z.object({ type: z.string(), name: z.string().max(100) })
const BATCH = 1000

/** Which cluster answers, as far as the token may know. */
async function clusterOf(context: Context): Promise<string> {
  try {
    const rows = rowsOf(member, await ask(context, '/cluster/status'))
    const nodes = rows.filter(({ type }) => type === 'node').length
    const cluster = rows.find(({ type }) => type === 'cluster')
    return cluster ? `, cluster ${cluster.name} (${nodes} nodes)` : ', a single node'
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'forbidden') return ''
    throw error
  }
}

/**
 * Proxmox VE 7 to 9 by an API token. The routine look is one request a cluster, whatever its number of guests. A token that is limited to
 * pools sees those only: Proxmox leaves the rest out of its lists.
 */
export const PROXMOX: Connector<z.output<typeof settings>, z.output<typeof secret>> = {
  id: 'proxmox',
  label: 'Proxmox VE',
  capabilities: {
    finds: ['host', 'virtual_machine', 'network', 'datastore', 'resource_pool'],
    actions: ACTIONS,
    watches: false,
    activity: true,
    backups: true,
    console: 'screen',
    metrics: true,
    creates: {
      from: 'virtual_machine',
      place: { kind: 'resource_pool', label: 'Pool', required: false },
      network: false,
    },
  },
  endpoint: {
    schemes: ['https'],
    defaultPort: 8006,
    placeholder: 'https://pve.example.com:8006',
    hint: 'Any node of the cluster',
  },
  settings,
  secret,
  fields: [
    {
      name: 'tokenId',
      in: 'secret',
      label: 'Token ID',
      type: 'text',
      required: true,
      placeholder: 'freehold@pve!portal',
      hint: 'Datacenter > Permissions > API Tokens',
    },
    { name: 'token', in: 'secret', label: 'Secret', type: 'password', required: true },
  ],

  test: async (context) => {
    const read = version.safeParse(await ask(context, '/version'))
    if (!read.success)
      throw new ConnectorError('wrong_server', 'The server does not say which version it has')
    const granted = await ask(context, '/access/permissions')
    return {
      server: `Proxmox VE ${read.data.version}${await clusterOf(context)}`,
      version: read.data.version,
      findings: examine(granted, context.secret.tokenId),
    }
  },
  discover: async function* (context) {
    const found = readResources(await ask(context, '/cluster/resources', { large: true }))
    let batch: Found[] = []
    for (const one of found) {
      batch.push(one)
      if (batch.length < BATCH) continue
      yield batch
      batch = []
    }
    yield batch
  },
  activity: async (context) => readTasks(await ask(context, '/cluster/tasks')),
  backups: listBackups,
  snapshots: (context, { externalId }) => snapshots(context, externalId),
  console: (context, { externalId }) => openConsole(context, externalId),
  metrics: (context, { externalId }, span) => metrics(context, externalId, span),
  act,
  follow,
  newId,
  create,
  finish,
}
