import { createWake } from '@/server/platform/wake'

/** The worker of this process, if it has one, works off at once what Stripe told. */
export const { onWake: onBillingWake, wake: wakeBilling } = createWake()
