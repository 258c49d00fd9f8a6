import { setTimeout as sleep } from 'node:timers/promises'
import { MASTER_SLUG } from '@/lib/master'
import { callerOf } from '@/prisma/seed/demo'
import type { Incus } from '@/test/incus'

const CLOUD = 'Incus lab'
/** Containers, and whose they become; the last one stays with the master. */
const CONTAINERS = [
  { name: 'shop-web', tenant: 'acme' },
  { name: 'shop-db', tenant: 'acme' },
  { name: 'plant-hmi', tenant: 'bolt' },
  { name: 'build-runner', tenant: null },
] as const
const FOUND_WITHIN_MS = 60_000

/** Hands the containers to their tenants once the server has found them. @throws Error where it does not */
async function handOut(cloudId: string): Promise<void> {
  const mara = await callerOf(MASTER_SLUG, 'mara')
  const tenants = (await mara.tenants.list({ limit: 100 })).rows
  for (const until = Date.now() + FOUND_WITHIN_MS; Date.now() < until; await sleep(500)) {
    const { rows } = await mara.resources.list({ kind: 'virtual_machine', cloudId })
    if (rows.length < CONTAINERS.length) continue
    for (const { name, tenant } of CONTAINERS) {
      const found = rows.find((row) => row.name === name)
      const to = tenants.find(({ slug }) => slug === tenant)
      if (found && to)
        await mara.resources.assign({ kind: 'virtual_machine', ids: [found.id], tenantId: to.id })
    }
    return
  }
  throw new Error('The server did not find the containers within a minute')
}

/** The demo's live cloud: containers in a real Incus, connected as a person would, some of them assigned to tenants. */
export async function connectIncus(incus: Incus): Promise<void> {
  const mara = await callerOf(MASTER_SLUG, 'mara')
  const { rows } = await mara.resources.list({ kind: 'cloud', search: CLOUD })
  const [known] = rows
  if (known) {
    // Incus starts what ran when it ended; the server was there before it, and did not reach it.
    await mara.connections.refresh({ id: known.id })
    return
  }
  // So that a machine can be made without choosing a data store.
  const root = { type: 'disk', path: '/', pool: 'local' }
  await incus.admin('PATCH', '/1.0/profiles/default', { devices: { root } })
  for (const { name } of CONTAINERS) {
    await incus.launch(name)
    await incus.admin('PUT', `/1.0/instances/${name}/state`, { action: 'start', timeout: 30 })
  }
  const { id } = await mara.connections.create({
    name: CLOUD,
    location: 'This machine',
    connector: 'incus',
    endpoint: `https://127.0.0.1:${incus.port}`,
    secret: { token: await incus.token() },
    fingerprint: incus.fingerprint,
  })
  await handOut(id)
}
