import fs from 'node:fs'
import type Stripe from 'stripe'
import { Account } from '@/test/stripe/account/account'
import { Api, type Logged } from '@/test/stripe/api'
import { advanceTo } from '@/test/stripe/billing/clockwork'
import { Faults } from '@/test/stripe/faults'
import { pagesOf } from '@/test/stripe/pages/pages'
import { ParameterCheck } from '@/test/stripe/params'
import { ROUTES } from '@/test/stripe/routes/all'
import { listen, portOf, type Served } from '@/test/stripe/server'
import { type Delivery, Webhooks, type WebhookTarget } from '@/test/stripe/webhooks'

export interface StripeOptions {
  /** Any free one if absent; 127.0.0.1 only. */
  port?: number
  /** The key that requests must bear; `sk_test_…`. */
  secretKey: string
  /** Who hears of events; on this machine only. May be set later by `setWebhook`. */
  webhook?: WebhookTarget
  /** The emulator knows no live mode: there is no money in it. */
  livemode?: false
  /** JSON file that keeps everything from one start to the next. */
  file?: string
  /** Milliseconds between attempts to deliver an event, as many attempts as numbers and one. */
  retryAfterMs?: number[]
}

export interface StripeEmulator {
  /** `http://127.0.0.1:12345` */
  url: string
  port: number
  secretKey: string
  /** For `new Stripe(secretKey, emulator.clientConfig)`. */
  clientConfig: { host: string; port: number; protocol: 'http' }
  close: () => Promise<void>
  /** What is in the account; look, and change it only where the API could not. */
  account: Account
  /** Seconds since 1970, by the account's clock. */
  now: () => number
  /** Moves the clock ahead; renewals, retries and endings happen in their order. @param ms milliseconds */
  advance: (ms: number) => void
  /** @param second since 1970 */
  advanceTo: (second: number) => void
  setWebhook: (target: WebhookTarget | null) => void
  /** Events wait for `deliver` from now on. */
  holdWebhooks: () => void
  /** What waits is sent in order, and all that follows. */
  releaseWebhooks: () => void
  /** Not accepted by an endpoint yet, oldest first. */
  pendingEvents: () => Stripe.Event[]
  /** Sends an event now, for the first time or again. @returns the status of each endpoint's answer, 0 for none */
  deliver: (eventId: string) => Promise<number[]>
  /** Once no delivery is under way and none will be tried again. */
  webhooksSettled: () => Promise<void>
  /** All that was sent, oldest first. */
  deliveries: readonly Delivery[]
  /** All events there were, oldest first. */
  events: () => Stripe.Event[]
  /** See `Fault`; `of` limits it to requests that contain it, such as `POST /v1/checkout`. */
  failNext: Faults['failNext']
  /** Milliseconds before each answer of the API. */
  setDelay: (ms: number) => void
  clearFaults: () => void
  /** All requests to the API, oldest first, without their key. */
  requests: readonly Logged[]
}

let check: ParameterCheck | undefined

/**
 * A Stripe account on this machine that the real SDK talks to. It sends nothing anywhere but events to the webhook, and that only on this
 * machine. docs/billing-stripe-emulator.md says what of it is Stripe's and what is our model.
 */
export async function startStripe(options: StripeOptions): Promise<StripeEmulator> {
  if (!/^(sk|rk)_test_/.test(options.secretKey))
    throw new Error('The emulator takes keys of test mode only (sk_test_…)')
  check ??= new ParameterCheck([...new Set(ROUTES.map((one) => one.type))])
  const account = new Account()
  const webhooks = new Webhooks(account, options.retryAfterMs ?? [200, 500, 1000, 2000, 5000])
  webhooks.setTarget(options.webhook ?? null)
  const store = options.file === undefined ? null : new Store(options.file, account, webhooks)
  const undelivered = store?.load() ?? []
  const faults = new Faults()
  const api = new Api(account, options.secretKey, check)
  const move = (second: number): void => {
    advanceTo(account, second)
    store?.save()
  }
  const served: Served = {
    api,
    faults,
    pages: pagesOf(account, move),
    before: () => advanceTo(account, account.now()),
    after: () => store?.save(),
  }
  const server = await listen(options.port ?? 0, served)
  const port = portOf(server)
  account.base = `http://127.0.0.1:${port}`
  webhooks.resume(undelivered)
  return {
    url: account.base,
    port,
    secretKey: options.secretKey,
    clientConfig: { host: '127.0.0.1', port, protocol: 'http' },
    close: async () => {
      webhooks.close()
      store?.save()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
    requests: api.log,
    ...controls(account, webhooks, faults, move),
  }
}

type Controls = Omit<StripeEmulator, 'url' | 'port' | 'secretKey' | 'clientConfig' | 'close' | 'requests'>

const controls = (
  account: Account,
  webhooks: Webhooks,
  faults: Faults,
  move: (second: number) => void,
): Controls => ({
  account,
  now: () => account.now(),
  advance: (ms) => move(account.now() + Math.floor(ms / 1000)),
  advanceTo: move,
  setWebhook: (target) => webhooks.setTarget(target),
  holdWebhooks: () => webhooks.hold(),
  releaseWebhooks: () => webhooks.release(),
  pendingEvents: () => webhooks.pending(),
  deliver: (id) => webhooks.deliver(id),
  webhooksSettled: () => webhooks.settled(),
  deliveries: webhooks.deliveries,
  events: () => account.kept.events.toJSON(),
  failNext: (fault, which) => faults.failNext(fault, which),
  setDelay: (ms) => {
    faults.delay = ms
  },
  clearFaults: () => faults.clear(),
})

type Saved = Parameters<Account['load']>[0] & { undelivered: string[] }

/** The account in a file, so that a demo goes on where it stopped; also what was not delivered yet. */
class Store {
  private last = ''
  constructor(
    private readonly file: string,
    private readonly account: Account,
    private readonly webhooks: Webhooks,
  ) {}

  /**
   * @returns ids of the events that were not delivered yet
   * @throws Error that names the file, where it is not one of the emulator's
   */
  load(): string[] {
    if (!fs.existsSync(this.file)) return []
    try {
      const saved = JSON.parse(fs.readFileSync(this.file, 'utf8')) as Saved
      this.account.load(saved)
      return saved.undelivered
    } catch (cause) {
      throw new Error(`${this.file} is no state of the Stripe emulator: remove it to begin anew`, { cause })
    }
  }
  save(): void {
    const undelivered = this.webhooks.pending().map((one) => one.id)
    const now = JSON.stringify({ ...(this.account.toJSON() as object), undelivered })
    if (now === this.last) return
    this.last = now
    // whoever is stopped in the middle leaves the former file
    fs.writeFileSync(`${this.file}.new`, now, { mode: 0o600 })
    fs.renameSync(`${this.file}.new`, this.file)
  }
}
