import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { buildContext, type RequestFacts } from '@/server/context/build'
import { assertNamedTenant } from '@/server/http/named-tenant'
import { assertSameOrigin } from '@/server/http/origin'
import { addressRefused, AppError } from '@/server/platform/errors'
import { appRouter } from '@/server/router'

const MAX_BATCH = 10

/** Answers /api/trpc/*: JSON only, same origin only, at most 10 calls a batch (attacks B09, J01). */
export async function handleTrpc(
  request: Request,
  facts: RequestFacts & { requestId: string },
): Promise<Response> {
  if (request.method === 'POST') {
    assertSameOrigin(request.headers, facts.host)
    if (!/^application\/json\s*(;|$)/i.test(request.headers.get('content-type') ?? '')) {
      throw new AppError('unsupported_media_type', 'Send application/json')
    }
  }
  const op = await buildContext(facts)
  // Also what is no procedure: from here nothing is answered.
  if (op.barred) throw addressRefused(op.ip)
  assertNamedTenant(request.headers, op)
  return fetchRequestHandler({
    endpoint: '/api/trpc',
    req: request,
    router: appRouter,
    createContext: ({ resHeaders }) => ({ op, resHeaders }),
    maxBatchSize: MAX_BATCH,
    // A long question may come in a body, under the same checks of origin; a mutation never comes by GET.
    allowMethodOverride: true,
    responseMeta: () => ({
      headers: new Headers({ 'cache-control': 'no-store', 'x-request-id': op.requestId }),
    }),
  })
}
