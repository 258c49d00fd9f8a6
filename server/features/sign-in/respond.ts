import type { z } from 'zod'
import type { ResolvedTenant, TenantPrefix } from '@/lib/host'
import type { RouteCall } from '@/server/http/route'
import { assertSameOrigin } from '@/server/http/origin'
import { AppError, notFound } from '@/server/platform/errors'

/** The host a sign-in comes to: `slug` null is the master's. @throws AppError 404 on a host that is none of ours */
export function placeOf(host: ResolvedTenant): { slug: string | null; prefix: TenantPrefix } {
  if (host.kind === 'master') return { slug: null, prefix: '' }
  if (host.kind === 'tenant') return { slug: host.slug, prefix: host.prefix }
  throw notFound()
}

/**
 * The body of a form that our own page sends: same origin, JSON, of this shape (attack B09).
 * @throws AppError 403, 415, 400
 */
export async function readForm<T>({ request, facts }: RouteCall, schema: z.ZodType<T>): Promise<T> {
  assertSameOrigin(request.headers, facts.host)
  if (!/^application\/json\s*(;|$)/i.test(request.headers.get('content-type') ?? '')) {
    throw new AppError('unsupported_media_type', 'Send application/json')
  }
  const body: unknown = await request.json().catch(() => {
    throw new AppError('invalid_input', 'The request could not be read')
  })
  return schema.parse(body)
}

function withCookies(cookies: readonly string[], more: Record<string, string> = {}): Headers {
  const headers = new Headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', ...more })
  for (const cookie of cookies) headers.append('set-cookie', cookie)
  return headers
}

export const answerJson = (body: object, cookies: readonly string[] = []): Response =>
  Response.json(body, { headers: withCookies(cookies) })

export const redirectTo = (location: string, cookies: readonly string[] = []): Response =>
  new Response(null, { status: 303, headers: withCookies(cookies, { location }) })
