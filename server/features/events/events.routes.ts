import { assertAllowed } from '@/server/authz/assert'
import { buildContext } from '@/server/context/build'
import type { SignedInOp } from '@/server/context/op'
import { openLive } from '@/server/features/events/live.service'
import type { HttpRoute } from '@/server/http/route'
import type { Declaration } from '@/server/rpc/declaration'

const declaration: Declaration = {
  scope: 'self',
  audit: 'none',
  summary: 'Live changes, as server-sent events: ids of what the person sees',
}

/** Live pages: one connection a page; ids only, each page loads anew under its own rights (attacks A14, K14). */
export const eventsRoute: HttpRoute = {
  name: 'events.stream',
  method: 'GET',
  path: '/api/events',
  declaration,
  maxBody: 0,
  handle: async ({ request, facts, op }) => {
    const signedIn = op as SignedInOp
    // The same cookie: it is the same session, or none.
    const rebuild = async (): Promise<SignedInOp> => {
      const now = await buildContext({ ...facts, background: true })
      assertAllowed(now, declaration)
      return { ...now, call: op.call }
    }
    const age = Number(new URL(request.url).searchParams.get('age'))
    return openLive(signedIn, rebuild, request.signal, age > 0 ? age : 0)
  },
}
