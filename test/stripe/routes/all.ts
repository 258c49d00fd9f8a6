import { checkout } from '@/test/stripe/routes/checkout'
import { customers } from '@/test/stripe/routes/customers'
import { invoices } from '@/test/stripe/routes/invoices'
import { others } from '@/test/stripe/routes/others'
import { paymentMethods } from '@/test/stripe/routes/payment-methods'
import { products } from '@/test/stripe/routes/products'
import type { Route } from '@/test/stripe/routes/route'
import { subscriptions } from '@/test/stripe/routes/subscriptions'

/** Everything of Stripe's API that the emulator answers. */
export const ROUTES: Route[] = [
  ...customers,
  ...paymentMethods,
  ...products,
  ...checkout,
  ...subscriptions,
  ...invoices,
  ...others,
]

interface Compiled {
  route: Route
  pattern: RegExp
}
// a fixed name before an id: /v1/invoices/create_preview is none of an invoice called so
const COMPILED: Compiled[] = [...ROUTES]
  .sort((a, b) => a.path.split(':').length - b.path.split(':').length)
  .map((route) => ({ route, pattern: new RegExp(`^${route.path.replaceAll(/:\w+/g, '([^/]+)')}$`) }))

/** @returns the route and the ids in the path */
export function findRoute(method: string, path: string): { route: Route; ids: string[] } | undefined {
  for (const { route, pattern } of COMPILED) {
    const match = route.method === method ? pattern.exec(path) : null
    if (match) return { route, ids: match.slice(1).map(decodeURIComponent) }
  }
  return undefined
}
