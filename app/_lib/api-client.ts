'use client'

import { createTRPCClient, httpLink, TRPCClientError } from '@trpc/client'
import type { ErrorBody } from '@/server/rpc/errors'
import type { AppRouter } from '@/server/router'

/** In path mode all URLs of a tenant begin with `/t/acme`; the root layout says so on <html>. */
export const clientPrefix = (): string => document.documentElement.dataset.prefix ?? ''

let client: ReturnType<typeof createTRPCClient<AppRouter>> | undefined

/** The typed client of this tenant's procedures. Mutations only; pages load their data on the server. */
export const api = () =>
  (client ??= createTRPCClient<AppRouter>({ links: [httpLink({ url: `${clientPrefix()}/api/trpc` })] }))

let posting: ReturnType<typeof createTRPCClient<AppRouter>> | undefined

/** As `api`, for questions that are too long for an address: asked in a body. */
export const postApi = () =>
  (posting ??= createTRPCClient<AppRouter>({
    links: [httpLink({ url: `${clientPrefix()}/api/trpc`, methodOverride: 'POST' })],
  }))

/** What went wrong, in the server's words; `fields` belong under the inputs they name. */
export function problemOf(error: unknown): ErrorBody {
  if (error instanceof TRPCClientError) {
    const body = (error.data as { body?: ErrorBody } | null)?.body
    if (body) return body
  }
  return {
    error: 'unavailable',
    message: 'The server could not be reached. Check your connection and try again.',
    status: 0,
  }
}
