'use client'

import { createTRPCClient, httpLink, splitLink, TRPCClientError } from '@trpc/client'
import type { ErrorBody } from '@/server/rpc/errors'
import type { AppRouter } from '@/server/router'

/** In path mode all URLs of a tenant begin with `/t/acme`; the root layout says so on <html>. */
export const clientPrefix = (): string => document.documentElement.dataset.prefix ?? ''

let client: ReturnType<typeof createTRPCClient<AppRouter>> | undefined

/** Characters of an input that surely fit into a URL once they are encoded. */
const FITS = 2000

/** The typed client of this tenant's procedures. Pages load their data on the server; what is asked for later comes this way. */
export const api = () => (client ??= newClient(`${clientPrefix()}/api/trpc`))

function newClient(url: string) {
  const fits = ({ input }: { input: unknown }) => (JSON.stringify(input) ?? '').length <= FITS
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: fits,
        true: httpLink({ url }),
        false: httpLink({ url, methodOverride: 'POST' }),
      }),
    ],
  })
}

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
    // Refused before any procedure was asked, such as from an address that is not allowed.
    const bare = (error.meta as { responseJSON?: Partial<ErrorBody> } | undefined)?.responseJSON
    if (bare?.error && bare.message && bare.status) return bare as ErrorBody
  }
  return {
    error: 'unavailable',
    message: 'The server could not be reached. Check your connection and try again.',
    status: 0,
  }
}
