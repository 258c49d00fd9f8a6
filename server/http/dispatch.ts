import type { RequestFacts } from '@/server/context/build'
import { resolveTenant } from '@/lib/host'
import { siteConfig } from '@/server/context/site'
import { errorResponse, matchPath, runRoute } from '@/server/http/route'
import { routes } from '@/server/http/routes'
import { handleTrpc } from '@/server/http/trpc'

type Facts = RequestFacts & { requestId: string }

/** Largest body that a request to this path may have, in bytes. */
export function bodyLimit(path: string): number {
  if (path.startsWith('/api/trpc/')) return 1_000_000
  return Math.max(0, ...routes.filter((r) => matchPath(r.path, path)).map((r) => r.maxBody))
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
  if (kind === 'bad') return new Response('Bad request\n', { status: 400 })
  if (kind === 'unknown') return new Response('Not found\n', { status: 404 })
  if (trpc) return handleTrpc(request, facts).catch((error: unknown) => errorResponse(error, facts.requestId))
  const hit = here.find(({ route }) => route.method === request.method)
  if (!hit)
    return new Response('Method not allowed\n', {
      status: 405,
      headers: { allow: here.map(({ route }) => route.method).join(', ') },
    })
  return runRoute(hit.route, request, facts, hit.params)
}
