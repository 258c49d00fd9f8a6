import 'server-only'
import type { Metadata } from 'next'
import { headers } from 'next/headers'
import { forbidden, notFound, redirect } from 'next/navigation'
import type { ReactNode } from 'react'
import { caller } from '@/app/_lib/caller'
import { GateNotice } from '@/app/_lib/gate-notice'
import { currentOp } from '@/app/_lib/op'
import { prefixOf } from '@/app/_lib/prefix'
import { type PageName, PAGES } from '@/app/pages'
import { consolePaths, type ConsolePaths } from '@/lib/paths'
import { PATH_HEADER } from '@/lib/request-headers'
import type { ResourceKind } from '@/lib/resource-kinds/kind'
import { kindAt } from '@/lib/resource-kinds/registry'
import { assertAllowed } from '@/server/authz/assert'
import type { OpContext, SignedInOp } from '@/server/context/op'
import { AppError } from '@/server/platform/errors'
import { resolvePermission } from '@/server/rpc/declaration'

export interface PageArgs<Op> {
  op: Op
  api: ReturnType<typeof caller>
  paths: ConsolePaths
  params: Record<string, string>
  /** First value of each query parameter. */
  search: Record<string, string | undefined>
  /** The query as Next gives it, for `parseTableParams`. */
  query: Query
}

type Query = Record<string, string | string[] | undefined>

interface NextPageProps {
  params: Promise<Record<string, string>>
  searchParams: Promise<Query>
}

/** A page by its declaration (app/pages.ts): loads the operation, authorises, renders; errors become the right page. */
export function definePage<Name extends PageName>(
  name: Name,
  render: (
    args: PageArgs<(typeof PAGES)[Name]['scope'] extends 'public' ? OpContext : SignedInOp>,
  ) => Promise<ReactNode>,
) {
  return async function Page(props: NextPageProps): Promise<ReactNode> {
    const op = await currentOp()
    const paths = consolePaths(prefixOf(op))
    if (op.host.kind === 'unknown' || op.host.kind === 'bad') notFound()
    // An impersonation that is over: first the page that says so, whatever else this browser holds here (attack F12).
    if (op.staleImpersonation && name !== '(auth)/impersonation-over') redirect(paths.impersonationOver)
    if (!op.setupDone && name !== '(auth)/setup') redirect(consolePaths('').setup)
    const params = await props.params
    if ('slug' in params && !pageKind(params)) notFound()
    const query = await props.searchParams
    const search = Object.fromEntries(
      Object.entries(query).map(([key, value]) => [key, Array.isArray(value) ? value[0] : value]),
    )
    try {
      assertAllowed(op, resolvePermission({ audit: 'none', ...PAGES[name] }, pageKind(params)?.kind))
      return await render({ op, api: caller(op), paths, params, search, query })
    } catch (error) {
      return failure(error, op, paths, { path: (await headers()).get(PATH_HEADER) ?? paths.home, query })
    }
  }
}

/** The kind of resource that a page's address names: /infrastructure/networks. */
export const pageKind = (params: Record<string, string>) => kindAt(params.section ?? '', params.slug ?? '')

/** The same, on a page that is shown only where there is one. @throws Next's 404 */
export const kindOfPage = (params: Record<string, string>): ResourceKind => pageKind(params) ?? notFound()

/** Metadata of a page: its title from the manifest. Never a name from the data before it is authorised. */
export const pageMetadata = (name: PageName): Metadata => ({ title: PAGES[name].title })

function failure(
  error: unknown,
  op: OpContext,
  paths: ConsolePaths,
  asked: { path: string; query: Query },
): ReactNode {
  // A caller's errors are tRPC's, with ours as their cause.
  const app = error instanceof Error && error.cause instanceof AppError ? error.cause : error
  if (!(app instanceof AppError)) throw error
  switch (app.code) {
    case 'unauthenticated':
      return redirect(signInThen(paths, asked))
    case 'invalid_input':
      // A page of a list that is no more: its first page. A malformed id in the path says no more than an unknown one.
      return asked.query.cursor === undefined ? notFound() : redirect(asked.path)
    case 'not_found':
      return notFound()
    case 'feature_disabled':
    case 'license_required':
      return <GateNotice op={op} error={app} />
    case 'access_denied':
      if (op.actor?.mustChangePassword) return redirect(paths.password)
      return forbidden()
    case 'address_refused':
      return forbidden() // the server in front of Next answered already
    default:
      throw error
  }
}

/** The sign-in page, which leads back to what was asked for. */
function signInThen(paths: ConsolePaths, { path, query }: { path: string; query: Query }): string {
  if (path === paths.home) return paths.signIn
  const params = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value ?? '']) params.append(key, one)
  }
  const text = params.toString()
  return `${paths.signIn}?next=${encodeURIComponent(text ? `${path}?${text}` : path)}`
}
