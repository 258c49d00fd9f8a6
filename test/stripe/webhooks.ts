import http from 'node:http'
import Stripe from 'stripe'
import type { Account } from '@/test/stripe/account/account'
import { isLoopback } from '@/test/stripe/loopback'

export interface WebhookTarget {
  /** On this machine. */
  url: string
  /** What it is signed with, `whsec_…`. */
  secret: string
  /** Names of events, or `*`; all of them if absent. */
  events?: string[]
}

export interface Delivery {
  event: string
  type: string
  /** 0 where nobody answered. */
  status: number
  /** What was sent, word for word. */
  body: string
  signature: string
}

interface Waiting {
  event: string
  attempts: number
  timer?: NodeJS.Timeout
}

const ANSWER_WITHIN_MS = 10_000
const stripe = new Stripe('sk_test_only_for_signing')

/**
 * Sends each event, signed, to whoever is told to listen: first attempts one after another in the order of the events, and again after a
 * failure. The tests may hold it back and deliver by hand, in any order and more than once.
 */
export class Webhooks {
  target: WebhookTarget | null = null
  readonly deliveries: Delivery[] = []
  /** Events that nobody has accepted yet, oldest first. */
  private readonly waiting = new Map<string, Waiting>()
  private held = false
  private queue: Promise<void> = Promise.resolve()
  private closed = false

  /** @param retryAfterMs between one attempt and the next; as many as there are numbers */
  constructor(
    private readonly account: Account,
    private readonly retryAfterMs: number[],
  ) {
    account.onEvent = (event) => this.expect(event)
  }

  setTarget(target: WebhookTarget | null): void {
    if (target && !isLoopback(target.url))
      throw new Error(`The emulator calls nobody but this machine, so not ${target.url}`)
    this.target = target
  }
  /** From now on events wait for `deliver`. */
  hold(): void {
    this.held = true
    for (const one of this.waiting.values()) clearTimeout(one.timer)
  }
  /** What waits is sent, in order, and from now on everything is. */
  release(): void {
    this.held = false
    for (const one of this.waiting.values()) this.enqueue(one)
  }
  /** Events that no endpoint has accepted, oldest first. */
  pending(): Stripe.Event[] {
    return [...this.waiting.keys()].flatMap((id) => this.account.kept.events.find(id) ?? [])
  }
  /** Once nothing is under way and nothing waits for another attempt. */
  async settled(): Promise<void> {
    for (;;) {
      const before = this.queue
      await before
      const coming = [...this.waiting.values()].some((one) => one.timer)
      if (before === this.queue && (this.held || !coming)) return
      if (coming) await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  close(): void {
    this.closed = true
    for (const one of this.waiting.values()) clearTimeout(one.timer)
  }

  private targets(type: string): WebhookTarget[] {
    const made = this.account.kept.endpoints
      .toJSON()
      .map(({ url, secret = '', enabled_events: events }) => ({ url, secret, events }))
    return [...(this.target ? [this.target] : []), ...made].filter(
      ({ events = ['*'] }) => events.includes('*') || events.includes(type),
    )
  }
  private expect(event: Stripe.Event): void {
    if (this.targets(event.type).length === 0) return
    event.pending_webhooks = this.targets(event.type).length
    const one = { event: event.id, attempts: 0 }
    this.waiting.set(event.id, one)
    if (!this.held) this.enqueue(one)
  }
  /** Takes up events that an earlier run had not got rid of. */
  resume(ids: string[]): void {
    for (const id of ids) {
      const event = this.account.kept.events.find(id)
      if (event) this.expect(event)
    }
  }
  private enqueue(one: Waiting): void {
    clearTimeout(one.timer)
    one.timer = undefined
    this.queue = this.queue.then(async () => {
      if (this.closed || this.held || !this.waiting.has(one.event)) return
      if (!(await this.attempt(one.event))) this.again(one)
    })
  }
  private again(one: Waiting): void {
    const wait = this.retryAfterMs[one.attempts++]
    if (wait === undefined || this.closed || this.held) return
    one.timer = setTimeout(() => this.enqueue(one), wait)
    one.timer.unref()
  }
  /** @returns whether all that listen accepted it */
  private async attempt(id: string): Promise<boolean> {
    const statuses = await this.deliver(id)
    return statuses.every((status) => status >= 200 && status < 300)
  }

  /**
   * Sends one event now, held back or not, delivered before or not.
   * @returns the status each endpoint answered with; 0 for none
   */
  async deliver(id: string): Promise<number[]> {
    const event = this.account.kept.events.take(id)
    const statuses = await Promise.all(this.targets(event.type).map((target) => this.send(event, target)))
    if (statuses.every((status) => status >= 200 && status < 300)) {
      event.pending_webhooks = 0
      clearTimeout(this.waiting.get(id)?.timer)
      this.waiting.delete(id)
    }
    return statuses
  }
  private async send(event: Stripe.Event, target: WebhookTarget): Promise<number> {
    const body = JSON.stringify(event, null, 2)
    const signature = stripe.webhooks.generateTestHeaderString({ payload: body, secret: target.secret })
    const status = await post(target.url, body, signature).catch(() => 0)
    this.deliveries.push({ event: event.id, type: event.type, status, body, signature })
    return status
  }
}

/** @returns the status of the answer. Redirects are not followed, as Stripe follows none. */
function post(url: string, body: string, signature: string): Promise<number> {
  const { hostname, port, pathname, search, host } = new URL(url)
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        // names below .localhost are asked of no resolver
        host: hostname === '[::1]' ? '::1' : /^\d/.test(hostname) ? hostname : '127.0.0.1',
        port,
        path: pathname + search,
        method: 'POST',
        agent: false,
        headers: {
          host,
          'content-type': 'application/json; charset=utf-8',
          'content-length': Buffer.byteLength(body),
          'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
          'stripe-signature': signature,
        },
        timeout: ANSWER_WITHIN_MS,
      },
      (answer) => {
        answer.resume()
        answer.on('end', () => resolve(answer.statusCode ?? 0))
      },
    )
    request.on('timeout', () => request.destroy(new Error('no answer')))
    request.on('error', reject)
    request.end(body)
  })
}
