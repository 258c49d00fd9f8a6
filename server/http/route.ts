import { assertAllowed } from '@/server/authz/assert'
import { reachOf } from '@/server/authz/reach'
import { effectiveRights } from '@/server/authz/rights'
import { buildContext, type RequestFacts } from '@/server/context/build'
import type { OpContext } from '@/server/context/op'
import { assertNamedTenant } from '@/server/http/named-tenant'
import { wantsPage, refusedPage } from '@/server/http/refused-page'
import { AppError } from '@/server/platform/errors'
import { log } from '@/server/platform/log'
import { auditDenial } from '@/server/rpc/audit-denial'
import type { Declaration } from '@/server/rpc/declaration'
import { errorBody } from '@/server/rpc/errors'

/** One call of a route: the request, what decides who and where, and the parts of the path. */
export interface RouteCall {
  request: Request
  facts: RequestFacts & { requestId: string }
  /** Built from the session cookie and allowed by the route's declaration. */
  op: OpContext
  params: Record<string, string>
}

/**
 * An HTTP endpoint that is no tRPC procedure, declared like one. `path` may hold `:name` parts. Handlers know nothing of
 * Next or Node's http: a `Request` in, a `Response` out, so that both can mount them.
 */
export interface HttpRoute {
  name: string
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  declaration: Declaration
  /** Largest body in bytes; 0 for none. */
  maxBody: number
  handle: (call: RouteCall) => Promise<Response>
  /** Answers without asking the database who calls: the liveness check, and agents, whose credential is checked by their own statement. */
  bare?: true
  /** Answers under any host name, also one that is none of ours. */
  anyHost?: true
  /** How an error looks; JSON unless the far side is a shell script. */
  errors?: 'json' | 'text'
}

/** Matches a path against `/api/x/:id`; null when it does not fit. */
export function matchPath(pattern: string, path: string): Record<string, string> | null {
  const want = pattern.split('/')
  const have = path.split('/')
  if (want.length !== have.length) return null
  const params: Record<string, string> = {}
  for (const [i, part] of want.entries()) {
    const value = have[i] ?? ''
    if (part.startsWith(':')) params[part.slice(1)] = decodeURIComponent(value)
    else if (part !== value) return null
  }
  return params
}

const NOBODY: OpContext = {
  requestId: '',
  ip: '',
  userAgent: '',
  host: { kind: 'unknown' },
  gate: { state: 'off', source: 'toggle', licence: null },
  setupDone: false,
  tenant: null,
  actor: null,
  impersonator: null,
  session: null,
  rights: effectiveRights([], null),
  reach: reachOf('', '', [], null),
  call: null,
}

/** Runs a route: context, authorisation by its declaration, handler, error mapper. */
export async function runRoute(
  route: HttpRoute,
  request: Request,
  facts: RouteCall['facts'],
  params: Record<string, string>,
): Promise<Response> {
  try {
    const built = route.bare ? NOBODY : await buildContext(facts)
    const op = { ...built, call: { name: route.name, declaration: route.declaration, audited: false } }
    return await allowed(route, { request, facts, op, params }).catch(async (error: unknown) => {
      await auditDenial(op, route.method === 'GET' ? 'query' : 'mutation', error)
      throw error
    })
  } catch (error) {
    // A browser that was led here gets words that it can show.
    if (error instanceof AppError && error.code === 'address_refused' && wantsPage(request))
      return refusedPage(facts)
    return errorResponse(error, facts.requestId, route.errors)
  }
}

async function allowed(route: HttpRoute, call: RouteCall): Promise<Response> {
  assertAllowed(call.op, route.declaration)
  if (route.declaration.scope !== 'public' && !route.bare) assertNamedTenant(call.request.headers, call.op)
  return route.handle(call)
}

/** The answer to an error, by the one mapper; logs what was not expected. */
export function errorResponse(error: unknown, requestId: string, format: 'json' | 'text' = 'json'): Response {
  const body = errorBody(error)
  if (body.status >= 500 && body.error !== 'feature_disabled')
    log().error({ err: error, requestId }, 'request failed')
  const headers: Record<string, string> = { 'cache-control': 'no-store', 'x-request-id': requestId }
  if (body.retryAfter) headers['retry-after'] = String(body.retryAfter)
  if (format === 'text') {
    return new Response(`error ${body.error} ${body.message}\n`, {
      status: body.status,
      headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' },
    })
  }
  return Response.json({ ...body, requestId }, { status: body.status, headers })
}
