import type Stripe from 'stripe'
import type { Account } from '@/test/stripe/account/account'
import { notModelled } from '@/test/stripe/failure'
import type { Params } from '@/test/stripe/params'

export interface Route {
  method: 'GET' | 'POST' | 'DELETE'
  /** `/v1/customers/:id` */
  path: string
  /** The SDK's type of the parameters, below `Stripe`. */
  type: string
  /** Parameters that do something, `items.price` for `items[0][price]`; all below a name that stands here do. `expand` always does. */
  models: string[]
  run: (account: Account, params: never, ids: string[]) => unknown
}

/** A route; `run` gets the ids of its path in their order. */
export const route = <P>(
  method: Route['method'],
  path: string,
  type: string,
  models: string[],
  run: (account: Account, params: P, ids: [string, ...string[]]) => unknown,
): Route => ({ method, path, type, models, run: run as unknown as Route['run'] })

/** The parameters of every list. */
export const PAGING = ['limit', 'starting_after', 'ending_before', 'created']

/** @throws StripeFailure 400 that names a parameter the emulator would have to ignore */
export function refuseUnmodelled(route: Route, params: Params): void {
  const known = new Set(['expand', ...route.models])
  const walk = (value: unknown, path: string[]): void => {
    if (path.length > 0 && known.has(path.join('.'))) return
    if (Array.isArray(value)) value.forEach((one) => walk(one, path))
    else if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key])
    else throw notModelled(path.join('.'))
  }
  walk(params, [])
}

/** What was given, with null for an emptied one and the old one where nothing was given. */
export function text(given: string | null | undefined, before: string | null = null): string | null {
  if (given === undefined) return before
  return given === '' ? null : given
}

/** Merged as Stripe does: an emptied key is gone, an emptied whole is all gone (https://docs.stripe.com/api/metadata). */
export function mergeMetadata(
  before: Stripe.Metadata,
  given: Stripe.MetadataParam | '' | null | undefined,
): Stripe.Metadata {
  if (given === undefined) return before
  if (given === '' || given === null) return {}
  const all = { ...before, ...given }
  return Object.fromEntries(
    Object.entries(all)
      .filter(([, value]) => value !== '' && value !== null)
      .map(([key, value]) => [key, String(value)]),
  )
}
