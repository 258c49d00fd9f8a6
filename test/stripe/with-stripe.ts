import http from 'node:http'
import type { AddressInfo } from 'node:net'
import Stripe from 'stripe'
import { afterAll } from 'vitest'
import { type Catalogue, seedCatalogue } from '@/test/stripe/catalogue'
import { type StripeEmulator, type StripeOptions, startStripe } from '@/test/stripe/emulator'

export const SECRET_KEY = 'sk_test_emulated'

/** The real SDK, talking to an emulator. */
export const clientOf = (emulator: StripeEmulator, config: Stripe.StripeConfig = {}): Stripe =>
  new Stripe(emulator.secretKey, { ...emulator.clientConfig, telemetry: false, ...config })

export interface Started {
  emulator: StripeEmulator
  stripe: Stripe
  catalogue: Catalogue
}

/** An emulator with Freehold's prices, and the SDK on it; closed after the file. */
export async function withStripe(options: Partial<StripeOptions> = {}): Promise<Started> {
  const emulator = await startStripe({ secretKey: SECRET_KEY, ...options })
  afterAll(() => emulator.close())
  const stripe = clientOf(emulator)
  return { emulator, stripe, catalogue: await seedCatalogue(stripe) }
}

/** What a browser without JavaScript does with a form. @returns the status, where it leads, and the page */
export async function submit(
  url: string,
  fields: Record<string, string>,
): Promise<{ status: number; location: string | null; page: string }> {
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })
  return { status: answer.status, location: answer.headers.get('location'), page: await answer.text() }
}

/** A subscription to so many hosts by month, paid by checkout. */
export async function buy(
  { stripe, catalogue }: Started,
  hosts: number,
  card = '4242 4242 4242 4242',
): Promise<Stripe.Subscription> {
  const session = await stripe.checkout.sessions.create({
    mode: 'subscription',
    line_items: [{ price: catalogue.monthly, quantity: hosts }],
    customer_email: 'mara@example.com',
    success_url: 'http://127.0.0.1:9/done?session={CHECKOUT_SESSION_ID}',
    cancel_url: 'http://127.0.0.1:9/back',
  })
  const paid = await submit(session.url ?? '', { card, action: 'pay' })
  if (paid.status !== 303) throw new Error(`not paid: ${paid.status} ${paid.page}`)
  const { subscription } = await stripe.checkout.sessions.retrieve(session.id)
  return stripe.subscriptions.retrieve(subscription as string)
}

export interface Listener {
  url: string
  /** What came, word for word, with its signature. */
  received: { body: string; signature: string }[]
  /** What it answers; 200 at first. */
  status: number
  /** Milliseconds until it answers; 0 at first. */
  delay: number
}

/** Somebody who listens for webhooks; closed after the file. */
export async function listener(): Promise<Listener> {
  const self: Listener = { url: '', received: [], status: 200, delay: 0 }
  const server = http.createServer((req, res) => {
    let body = ''
    req.on('data', (chunk: Buffer) => (body += chunk.toString()))
    req.on('end', () => {
      self.received.push({ body, signature: String(req.headers['stripe-signature']) })
      setTimeout(() => res.writeHead(self.status).end(), self.delay)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })
  self.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  return self
}
