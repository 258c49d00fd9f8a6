import type { HttpRoute } from '@/server/http/route'
import { systemValue } from '@/server/db/system'
import { readiness } from '@/server/platform/readiness'

const WORKER_STALE_SECONDS = 60

const declaration = (summary: string) => ({ scope: 'public', audit: 'none', summary }) as const

/** Live: this process answers. Ready: database reachable, no migration pending, a worker was seen lately. */
export const healthRoutes: HttpRoute[] = [
  {
    name: 'health.live',
    method: 'GET',
    path: '/api/health',
    declaration: declaration('Whether this process answers'),
    maxBody: 0,
    bare: true,
    anyHost: true,
    handle: () => Promise.resolve(Response.json({ status: 'ok' })),
  },
  {
    name: 'health.ready',
    method: 'GET',
    path: '/api/health/ready',
    declaration: declaration('Whether this process can serve: database, migrations, worker'),
    maxBody: 0,
    bare: true,
    anyHost: true,
    handle: async () => {
      const { workerSeenSecondsAgo: seen } = await systemValue<
        { workerSeenSecondsAgo: number | null },
        'health'
      >('health', [])
      const checks = {
        database: true,
        migrations: await readiness.migrationsApplied(),
        worker: seen !== null && seen < WORKER_STALE_SECONDS,
      }
      const ready = Object.values(checks).every(Boolean)
      return Response.json({ status: ready ? 'ready' : 'not ready', checks }, { status: ready ? 200 : 503 })
    },
  },
]
