import type { IncomingMessage } from 'node:http'
import { siteConfig } from '@/server/context/site'
import { compileCidrs } from '@/server/platform/client-ip'
import { type GuardConfig, guardRequest } from '@/server/platform/http-guard'

const guardConfig = (): GuardConfig => ({
  site: siteConfig(),
  trustedProxies: compileCidrs(['10.0.0.1/32']),
  dev: false,
})
/** Sends headers through the guard as Node would hand them over. */
export function guard(headers: [string, string][], url = '/api/trpc/account.me', from = '203.0.113.9') {
  const all: [string, string][] = headers.some(([name]) => name.toLowerCase() === 'host')
    ? headers
    : [['Host', 'acme.localhost:3000'], ...headers]
  const req = {
    method: 'GET',
    url,
    rawHeaders: all.flat(),
    headers: Object.fromEntries(all.map(([name, value]) => [name.toLowerCase(), value])),
    socket: { remoteAddress: from },
  } as unknown as IncomingMessage
  return { req, result: guardRequest(req, guardConfig()) }
}
