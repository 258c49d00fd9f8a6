import pg from 'pg'
import { VIEWERS, sessionTokenOf, type ViewerName } from '@/prisma/seed/large'
import { contextOfToken } from '@/server/context/build'
import type { SignedInOp } from '@/server/context/op'
import { inTenant } from '@/server/db/scope'
import { countResources, listResources } from '@/server/features/resources/resource-list.repo'
import { LIST, type Statement } from './same-sql'

const FACTS = { path: '/', cookie: null, ip: '127.0.0.1', userAgent: 'bench' }

/** The operation of a viewer's person, from their session in the database like any request's. */
export async function opOf(viewer: ViewerName): Promise<SignedInOp> {
  const slug = VIEWERS[viewer]
  const host =
    viewer === 'master'
      ? ({ kind: 'master', path: '/' } as const)
      : ({ kind: 'tenant', slug, path: '/', prefix: '' } as const)
  const op = await contextOfToken({ ...FACTS, host: slug }, host, sessionTokenOf(viewer))
  if (!op.actor) throw new Error(`nobody is signed in as ${viewer}`)
  return op as SignedInOp
}

export interface DatabasePart {
  /** Milliseconds, p50: the scope with all its round trips, and the bare statement. */
  scoped: number
  bare: number
  /** How many hosts the viewer sees; 10,001 for more. */
  seen: number
}

const viewerOf = (op: SignedInOp) => ({ tenantId: op.tenant.id, isMaster: op.tenant.isMaster })

/**
 * The same list through Prisma and the wall, and by pg alone as superuser, one after the other in turn, so that what else the
 * machine does falls on both. @throws Error when they do not answer the same rows
 */
export async function databasePart(
  adminUrl: string,
  viewer: ViewerName,
  bare: Statement,
  rounds: number,
): Promise<DatabasePart> {
  const op = await opOf(viewer)
  const pool = new pg.Pool({ connectionString: adminUrl, max: 1 })
  const scopedList = () => inTenant(op, (tx) => listResources(tx, viewerOf(op), LIST))
  const bareList = () => pool.query<{ id: string }>({ name: 'list', ...bare })
  const times = { scoped: [] as number[], bare: [] as number[] }
  try {
    const same = [(await scopedList()).map(({ id }) => id), (await bareList()).rows.map(({ id }) => id)]
    if (JSON.stringify(same[0]) !== JSON.stringify(same[1]))
      throw new Error(`${viewer}: the bare list has other rows`)
    for (let i = 0; i < rounds; i++) {
      const start = performance.now()
      await scopedList()
      const middle = performance.now()
      await bareList()
      if (i < 10) continue // warm-up
      times.scoped.push(middle - start)
      times.bare.push(performance.now() - middle)
    }
    const seen = await inTenant(op, (tx) => countResources(tx, viewerOf(op), LIST))
    return { scoped: median(times.scoped), bare: median(times.bare), seen }
  } finally {
    await pool.end()
  }
}

function median(times: number[]): number {
  return times.sort((a, b) => a - b)[times.length >> 1] ?? 0
}
