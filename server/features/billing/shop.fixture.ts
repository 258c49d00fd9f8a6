import { vi } from 'vitest'
import type Stripe from 'stripe'
import { closeStripe } from '@/server/features/billing/stripe'
import { forgetOffers } from '@/server/features/billing/offers'
import { dispatch } from '@/server/http/dispatch'
import { env, type Env } from '@/server/platform/env'
import { type Catalogue, seedCatalogue } from '@/test/stripe/catalogue'
import { type StripeEmulator, startStripe } from '@/test/stripe/emulator'
import { clientOf, SECRET_KEY, submit } from '@/test/stripe/with-stripe'

export const WEBHOOK_SECRET = 'whsec_the_tests_of_freehold_listen'

export interface Shop {
  emulator: StripeEmulator
  stripe: Stripe
  catalogue: Catalogue
  /** Settings of this server that the test wishes otherwise. */
  settings: (more: Partial<Env>) => void
  /** Delivers an event over the route, signed as Stripe does it. @returns the status of the answer */
  tell: (
    event: Stripe.Event,
    more?: { body?: string; signature?: string; secret?: string; at?: number },
  ) => Promise<number>
  /** What somebody does on the page of payment. */
  pay: (url: string, card?: string) => Promise<void>
  close: () => Promise<void>
}

/** A Stripe emulator, and this server selling by it. The test file mocks `@/server/platform/env` with a function. */
export async function openShop(): Promise<Shop> {
  const emulator = await startStripe({ secretKey: SECRET_KEY })
  emulator.holdWebhooks()
  const stripe = clientOf(emulator)
  const catalogue = await seedCatalogue(stripe)
  const real = env()
  const settings = (more: Partial<Env>) => {
    closeStripe()
    forgetOffers()
    vi.mocked(env).mockReturnValue({
      ...real,
      STRIPE_SECRET_KEY: SECRET_KEY,
      STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
      STRIPE_PRICES: [`enterprise=${catalogue.monthly}`, `enterprise=${catalogue.yearly}`],
      STRIPE_API_URL: emulator.url,
      ...more,
    })
  }
  return {
    emulator,
    stripe,
    catalogue,
    settings,
    tell: async (event, { body = JSON.stringify(event), signature, secret = WEBHOOK_SECRET, at } = {}) => {
      const signed =
        signature ??
        stripe.webhooks.generateTestHeaderString({ payload: body, secret, ...(at && { timestamp: at }) })
      const url = 'http://localhost:3000/api/stripe/webhook'
      const headers = { host: 'localhost:3000', 'stripe-signature': signed }
      const request = new Request(url, { method: 'POST', headers, body })
      const path = '/api/stripe/webhook'
      const facts = {
        host: 'localhost:3000',
        path,
        cookie: null,
        ip: '203.0.113.9',
        userAgent: 'Stripe/1.0',
        requestId: event.id,
      }
      return (await dispatch(request, path, facts))?.status ?? 404
    },
    pay: async (url, card = '4242 4242 4242 4242') => {
      const paid = await submit(url, { card, action: 'pay' })
      if (paid.status !== 303) throw new Error(`not paid: ${paid.status}`)
    },
    close: () => emulator.close(),
  }
}
