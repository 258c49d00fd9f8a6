import 'server-only'
import { headers } from 'next/headers'
import { cache } from 'react'
import { buildContext } from '@/server/context/build'

/**
 * The operation of this request, built once per request (React cache) from its Host header and session. The server in front
 * of Next (server/platform/http-guard.ts) removes what a client may not set and adds path, address and request id.
 */
export const currentOp = cache(async () => {
  const h = await headers()
  return buildContext({
    host: h.get('host'),
    path: h.get('x-freehold-path') ?? '/',
    cookie: h.get('cookie'),
    ip: h.get('x-freehold-ip') ?? '',
    userAgent: h.get('user-agent') ?? '',
    requestId: h.get('x-freehold-request-id') ?? undefined,
  })
})
