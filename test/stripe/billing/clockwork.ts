import type Stripe from 'stripe'
import type { Account } from '@/test/stripe/account/account'
import { end, expire, renew, retry } from '@/test/stripe/billing/subscriptions'

/** Seconds after which a subscription whose first invoice is not paid is given up (https://docs.stripe.com/billing/subscriptions/overview). */
const INCOMPLETE_FOR = 23 * 3600

interface Due {
  /** Seconds since 1970. */
  at: number
  run: () => void
}

/** Works off all that is due until a moment, each at its own time, and sets the clock there. @param second since 1970 */
export function advanceTo(account: Account, second: number): void {
  for (;;) {
    const due = nextDue(account)
    if (!due || due.at > second) break
    account.clock.at(due.at, due.run)
  }
  account.clock.moveTo(second)
}

function nextDue(account: Account): Due | undefined {
  const { subscriptions, invoices, sessions } = account.kept
  return [
    ...subscriptions.toJSON().flatMap((one) => dueOf(account, one)),
    ...invoices.toJSON().flatMap((one) => {
      const at = one.status === 'open' ? one.next_payment_attempt : null
      return at === null ? [] : [{ at, run: () => retry(account, one) }]
    }),
    ...sessions
      .toJSON()
      .filter((one) => one.status === 'open')
      .map((one) => ({ at: one.expires_at, run: () => expireSession(account, one) })),
  ].sort((a, b) => a.at - b.at)[0]
}

function dueOf(account: Account, subscription: Stripe.Subscription): Due[] {
  const { status } = subscription
  if (status === 'incomplete')
    return [{ at: subscription.created + INCOMPLETE_FOR, run: () => expire(account, subscription) }]
  if (status !== 'active' && status !== 'past_due') return []
  const at = Math.min(...subscription.items.data.map((item) => item.current_period_end))
  const run = subscription.cancel_at_period_end
    ? () => end(account, subscription, 'cancellation_requested')
    : () => renew(account, subscription)
  return [{ at, run }]
}

/** Nobody can pay it any more. */
export function expireSession(account: Account, session: Stripe.Checkout.Session): void {
  session.status = 'expired'
  session.url = null
  account.emit('checkout.session.expired', session)
}
