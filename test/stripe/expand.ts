import type { Account } from '@/test/stripe/account/account'
import { invalid } from '@/test/stripe/failure'
import { includable } from '@/test/stripe/includable'

/** Fields that hold an id and may be expanded (https://docs.stripe.com/api/expanding_objects). */
const REFERENCES = new Set([
  'customer',
  'default_payment_method',
  'default_price',
  'invoice',
  'latest_invoice',
  'price',
  'product',
  'subscription',
])
const DEPTH = 4

type Json = Record<string, unknown>

/**
 * What is answered: a copy of the object with ids replaced by what they stand for.
 * @param paths such as `latest_invoice.customer` or, of a list, `data.customer`
 * @throws StripeFailure 400 for a path that leads nowhere
 */
export function expand(account: Account, answer: unknown, paths: string[] = []): unknown {
  const copy = JSON.parse(JSON.stringify(answer)) as unknown
  for (const path of paths) {
    const steps = path.split('.')
    if (steps.filter((step) => step !== 'data').length > DEPTH)
      throw invalid(`You cannot expand more than ${DEPTH} levels of a property. Property: ${path}`, 'expand')
    step(account, copy, steps, path)
  }
  return copy
}

function step(account: Account, value: unknown, [name, ...rest]: string[], path: string): void {
  if (Array.isArray(value)) {
    for (const one of value) step(account, one, [name ?? '', ...rest], path)
    return
  }
  if (name === undefined || value === null) return
  const holder = value as Json
  const before = name in holder ? holder[name] : includable(account, holder, name)
  if (before === undefined || typeof value !== 'object')
    throw invalid(`This property cannot be expanded (${name}).`, 'expand')
  if (typeof before === 'string') {
    const found = REFERENCES.has(name) ? account.findAny(before) : undefined
    if (!found) throw invalid(`This property cannot be expanded (${name}).`, 'expand')
    holder[name] = JSON.parse(JSON.stringify(found))
  } else holder[name] = before
  step(account, holder[name], rest, path)
}
