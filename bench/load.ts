import autocannon from 'autocannon'
import { cpuMs, rssMb } from './processes'

/** What one load run measured. Times in milliseconds. */
export interface Load {
  perSecond: number
  p50: number
  p95: number
  /** CPU time of the server per request, and of PostgreSQL's backends. */
  cpu: number
  databaseCpu: number
  /** Highest resident memory of the server under this load, MB. */
  rss: number
  /** Answers that were not 200, and requests without one. */
  failed: number
  requests: number
}

export interface LoadOptions {
  url: string
  headers?: Record<string, string>
  /** Changes each request before it is sent: other credentials, a new body. */
  next?: () => { path: string; headers: Record<string, string>; body: string }
  seconds: number
  /** Process ids of the server and of PostgreSQL's postmaster. */
  server: number
  postmaster: number
}

const CONNECTIONS = 16
const WARM_UP_SECONDS = 2

/** Sends requests over 16 connections on loopback, a short warm-up first. */
export async function load(options: LoadOptions): Promise<Load> {
  await shoot(options, Math.min(WARM_UP_SECONDS, options.seconds))
  const before = [cpuMs(options.server), cpuMs(options.postmaster, true)] as const
  let rss = 0
  const watch = setInterval(() => (rss = Math.max(rss, rssMb(options.server))), 200)
  const { times, seconds, failed } = await shoot(options, options.seconds)
  clearInterval(watch)
  const requests = times.length
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.floor(requests * share)] ?? 0
  return {
    perSecond: requests / seconds,
    p50: at(0.5),
    p95: at(0.95),
    cpu: (cpuMs(options.server) - before[0]) / requests,
    databaseCpu: (cpuMs(options.postmaster, true) - before[1]) / requests,
    rss,
    failed,
    requests,
  }
}

async function shoot(options: LoadOptions, seconds: number) {
  const { next } = options
  const times: number[] = []
  const began = performance.now()
  const run = autocannon({
    url: options.url,
    connections: CONNECTIONS,
    duration: seconds,
    headers: options.headers,
    ...(next && {
      requests: [{ method: 'POST', setupRequest: (request: object) => ({ ...request, ...next() }) }],
    }),
  })
  // autocannon's own percentiles are whole milliseconds.
  run.on('response', (_client: unknown, _status: number, _bytes: number, ms: number) => void times.push(ms))
  const result = await run
  const took = (performance.now() - began) / 1000
  return { times, seconds: took, failed: result.non2xx + result.errors + result.timeouts }
}
