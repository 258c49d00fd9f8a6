import Stripe from 'stripe'
import { Clock } from '@/test/stripe/account/clock'
import { newId } from '@/test/stripe/account/ids'
import { type Kept, Shelf } from '@/test/stripe/account/shelf'

/** What becomes of charges to a card: always paid, attached but never paid, refused at once. */
export type CardNature = 'pays' | 'fails later' | 'declined'

/** A line that waits for the next invoice of its subscription. */
export interface PendingLine {
  subscription: string
  line: Stripe.InvoiceLineItem
}

/** What the session must remember and does not show. */
export interface CheckoutPlan {
  id: string
  items: {
    price: string
    quantity: number
    /** Within which bounds the buyer may change the quantity. */
    adjustable: { minimum: number; maximum: number } | null
  }[]
  subscriptionData: { metadata: Stripe.Metadata; description: string | null }
}

export interface Remembered {
  id: string
  /** Path and body of the first request with this key. */
  request: string
  status: number
  body: string
  requestId: string
  /** When, in the account's time. */
  at: number
}

/** The request under way: events name it. */
export interface Origin {
  id: string
  idempotencyKey: string | null
}

const shelves = () => ({
  customers: new Shelf<Stripe.Customer>('customer'),
  deletedCustomers: new Shelf<Stripe.DeletedCustomer>('customer'),
  taxIds: new Shelf<Stripe.TaxId>('tax_id'),
  paymentMethods: new Shelf<Stripe.PaymentMethod>('PaymentMethod'),
  products: new Shelf<Stripe.Product>('product'),
  prices: new Shelf<Stripe.Price>('price'),
  sessions: new Shelf<Stripe.Checkout.Session>('checkout.session'),
  plans: new Shelf<CheckoutPlan>('checkout.session'),
  subscriptions: new Shelf<Stripe.Subscription>('subscription'),
  invoices: new Shelf<Stripe.Invoice>('invoice'),
  pending: new Shelf<PendingLine & Kept>('invoiceitem'),
  portals: new Shelf<Stripe.BillingPortal.Session>('billing_portal.session'),
  endpoints: new Shelf<Stripe.WebhookEndpoint>('webhook endpoint'),
  events: new Shelf<Stripe.Event>('event'),
  natures: new Shelf<Kept & { nature: CardNature }>('card'),
  remembered: new Shelf<Remembered>('idempotency key'),
})
type Shelves = ReturnType<typeof shelves>

/** An emulated Stripe account: everything in it, its time, and what happened. */
export class Account {
  readonly clock = new Clock()
  readonly kept: Shelves = shelves()
  origin: Origin | null = null
  /** Called with each event once it is stored. */
  onEvent: (event: Stripe.Event) => void = () => undefined

  /** Where the pages for people are, without a slash at its end; known once somebody listens. */
  base = ''
  /** The emulator knows no live mode. */
  readonly livemode = false

  now(): number {
    return this.clock.now()
  }
  /** Stores an event of what `object` is now. @param previous what its changed fields were */
  emit(type: Stripe.Event.Type, object: Kept, previous?: Record<string, unknown>): void {
    const event = {
      id: newId('evt'),
      object: 'event',
      api_version: Stripe.API_VERSION,
      created: this.now(),
      data: { object: structuredClone(object), ...(previous && { previous_attributes: previous }) },
      livemode: this.livemode,
      pending_webhooks: 0,
      request: {
        id: this.origin?.id ?? null,
        idempotency_key: this.origin?.idempotencyKey ?? null,
      },
      type,
    } as unknown as Stripe.Event // which object belongs to which type is known to the callers
    this.kept.events.add(event)
    this.onEvent(event)
  }
  /** Changes an object and tells so, with what was before; says nothing where nothing changed. */
  change<T extends Kept>(object: T, type: Stripe.Event.Type | null, change: (draft: T) => void): T {
    const before = structuredClone(object) as Record<string, unknown>
    change(object)
    const after = object as Record<string, unknown>
    const changed = Object.keys({ ...before, ...after }).filter(
      (key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]),
    )
    if (type !== null && changed.length > 0)
      this.emit(type, object, Object.fromEntries(changed.map((key) => [key, before[key] ?? null])))
    return object
  }
  /** Any object by its id, whatever its kind. */
  findAny(id: string): Kept | undefined {
    const { customers, deletedCustomers, paymentMethods, products, prices, sessions } = this.kept
    const { subscriptions, invoices } = this.kept
    const all = [
      customers,
      deletedCustomers,
      paymentMethods,
      products,
      prices,
      sessions,
      subscriptions,
      invoices,
    ]
    for (const shelf of all) {
      const found = (shelf as Shelf<Kept>).find(id)
      if (found) return found
    }
    return undefined
  }
  toJSON(): unknown {
    return { offset: this.clock.offset, kept: this.kept }
  }
  /** @param saved what toJSON gave, read back */
  load(saved: { offset: number; kept: Record<string, Kept[]> }): void {
    this.clock.offset = saved.offset
    for (const [name, shelf] of Object.entries(this.kept) as [string, Shelf<Kept>][])
      shelf.load(saved.kept[name] ?? [])
  }
}
