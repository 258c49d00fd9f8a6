import { idOf, stripe } from '@/server/features/billing/stripe'
import type { Handler } from './event'

/** Somebody paid on Stripe's page. */
export const checkoutSessionCompleted: Handler = async (objectId) => {
  const { subscription } = await stripe().checkout.sessions.retrieve(objectId)
  return idOf(subscription)
}
