import { STATUS_CODES } from 'node:http'
import type { RequestFacts } from '@/server/context/build'
import { resolveTenant } from '@/lib/host'
import { siteConfig } from '@/server/context/site'
import { errorResponse, matchPath, runRoute } from '@/server/http/route'
import { routes } from '@/server/http/routes'
import { handleTrpc } from '@/server/http/trpc'

type Facts = RequestFacts & { requestId: string }

const TRPC_METHODS = ['GET', 'HEAD', 'POST']

/** Largest body that a request to this path may have, in bytes; null where nothing takes one. */
export function bodyLimit(path: string): number | null {
  if (path.startsWith('/api/trpc/')) return 1_000_000
  const takers = routes.filter((r) => r.method !== 'GET' && matchPath(r.path, path))
  return takers.length === 0 ? null : Math.max(...takers.map((r) => r.maxBody))
}

/** An answer in words, for what no program asks. */
export function plainResponse(status: number, headers: Record<string, string> = {}): Response {
  return new Response(`${STATUS_CODES[status]}\n`, { status, headers })
}

/**
 * Answers what does not need Next: tRPC and the declared routes. `path` is without the tenant's prefix. Null: not ours,
 * Next answers.
 */
export async function dispatch(request: Request, path: string, facts: Facts): Promise<Response | null> {
  const trpc = path.startsWith('/api/trpc/')
  const here = routes.flatMap((route) => {
    const params = matchPath(route.path, path)
    return params ? [{ route, params }] : []
  })
  if (!trpc && here.length === 0) return null
  const { kind } = resolveTenant(facts.host, facts.path, siteConfig())
  if (kind === 'bad') return plainResponse(400)
  // A load balancer's health check comes by address.
  if (kind === 'unknown' && !here.some(({ route }) => route.anyHost)) return plainResponse(404)
  const methods = trpc
    ? TRPC_METHODS
    : here.flatMap(({ route }) => (route.method === 'GET' ? ['GET', 'HEAD'] : [route.method]))
  if (!methods.includes(request.method))
    return plainResponse(405, { allow: [...new Set(methods)].join(', ') })
  if (trpc) return handleTrpc(request, facts).catch((error: unknown) => errorResponse(error, facts.requestId))
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const hit = here.find(({ route }) => route.method === method)
  return hit ? runRoute(hit.route, request, facts, hit.params) : null
}
