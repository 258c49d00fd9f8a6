import type { Account, Remembered } from '@/test/stripe/account/account'
import { StripeFailure } from '@/test/stripe/failure'

/** Stripe forgets a key after a day at the earliest (https://docs.stripe.com/api/idempotent_requests). */
const KEPT_FOR = 86_400

/**
 * What the first request with this key was answered.
 * @param request method, path and body
 * @throws StripeFailure 400 `idempotency_error` where that request was another one
 */
export function recall(account: Account, key: string, request: string): Remembered | undefined {
  const found = account.kept.remembered.find(key)
  if (!found || found.at + KEPT_FOR < account.now()) return undefined
  if (found.request === request) return found
  throw new StripeFailure(400, {
    type: 'idempotency_error',
    message: `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
  })
}

/** Keeps an answer: also that of a failure, once the request was understood. */
export function remember(account: Account, answer: Omit<Remembered, 'at'>): void {
  account.kept.remembered.add({ ...answer, at: account.now() })
}
