import type Stripe from 'stripe'
import type { Kept } from '@/test/stripe/account/shelf'
import { invalid, missing } from '@/test/stripe/failure'

interface Paging {
  limit?: number
  starting_after?: string
  ending_before?: string
  created?: Stripe.RangeQueryParam | number
}

/**
 * One page of a list (https://docs.stripe.com/api/pagination).
 * @param rows all that match, newest first
 * @throws StripeFailure 400 for a limit outside 1 to 100 and for a cursor that is not in the list
 */
export function listOf<T extends Kept>(
  url: string,
  noun: string,
  rows: T[],
  { limit = 10, starting_after, ending_before, created }: Paging,
): Stripe.ApiList<T> {
  if (limit > 100)
    throw invalid(
      `This value must be less than or equal to 100 (it currently is '${limit}').`,
      'limit',
      'parameter_invalid_integer',
    )
  if (limit < 1)
    throw invalid('This value must be greater than or equal to 1.', 'limit', 'parameter_invalid_integer')
  const matching = rows.filter((row) => within((row as { created?: number }).created, created))
  const place = (id: string, param: string): number => {
    const index = matching.findIndex((row) => row.id === id)
    if (index < 0) throw missing(noun, id, param)
    return index
  }
  if (ending_before !== undefined) {
    const before = matching.slice(0, place(ending_before, 'ending_before'))
    return page(url, before.slice(-limit), before.length > limit)
  }
  const from = starting_after === undefined ? 0 : place(starting_after, 'starting_after') + 1
  const rest = matching.slice(from)
  return page(url, rest.slice(0, limit), rest.length > limit)
}

const page = <T>(url: string, data: T[], has_more: boolean): Stripe.ApiList<T> => ({
  object: 'list',
  url,
  has_more,
  data,
})

function within(second: number | undefined, range: Stripe.RangeQueryParam | number | undefined): boolean {
  if (range === undefined || second === undefined) return true
  if (typeof range === 'number') return second === range
  const { gt = -Infinity, gte = -Infinity, lt = Infinity, lte = Infinity } = range
  return second > gt && second >= gte && second < lt && second <= lte
}
