import type Stripe from 'stripe'
import type { Account } from '@/test/stripe/account/account'
import type { Answer } from '@/test/stripe/api'
import { lineItems, payCheckout, setAmounts } from '@/test/stripe/billing/checkout'
import { money } from '@/test/stripe/billing/lines'
import { StripeFailure } from '@/test/stripe/failure'
import { alertOf, html, type Html, page, seeOther } from '@/test/stripe/pages/html'

interface Wrong {
  message: string
  /** Name of the field. */
  field?: string
}
type Typed = Record<string, string | undefined>

const TAX_IDS: [string, string][] = [
  ['eu_vat', 'EU VAT (DE123456789)'],
  ['gb_vat', 'United Kingdom VAT'],
  ['ch_vat', 'Switzerland VAT'],
  ['us_ein', 'United States EIN'],
]

/** The page on which somebody pays, and what it sends. */
export function payPage(account: Account, id: string, typed: Typed | null): Answer {
  const session = account.kept.sessions.find(id)
  if (!session) return page('No such payment', html`<p>This link leads nowhere.</p>`, 404)
  if (session.status !== 'open') return over(session)
  if (typed === null) return form(account, session, {})
  if (typed['action'] === 'back')
    return session.cancel_url === null ? form(account, session, {}) : seeOther(session.cancel_url)
  try {
    const quantities = account.kept.plans.take(id).items.map((_, index) => typed[`quantity-${index}`])
    if (typed['action'] === 'update')
      return form(account, session, typed, update(account, session, quantities))
    payCheckout(account, session, {
      card: typed['card'] ?? '',
      email: typed['email'] ?? '',
      name: typed['name'] ?? '',
      quantities,
      taxId: taxIdOf(typed),
    })
    return seeOther((session.success_url ?? '').replaceAll('{CHECKOUT_SESSION_ID}', id))
  } catch (error) {
    if (!(error instanceof StripeFailure)) throw error
    const field = error.status === 402 ? 'card' : error.error.param
    return form(account, session, typed, { message: error.message, field }, error.status)
  }
}

function taxIdOf(typed: Typed): { type: string; value: string } | null {
  const value = typed['tax-id']?.trim() ?? ''
  return value === '' ? null : { type: typed['tax-type'] ?? 'eu_vat', value }
}

/** Takes over quantities that are within bounds, so that the total shown is right. */
function update(
  account: Account,
  session: Stripe.Checkout.Session,
  quantities: (string | undefined)[],
): Wrong | undefined {
  const plan = account.kept.plans.take(session.id)
  for (const [index, item] of plan.items.entries()) {
    const quantity = Number(quantities[index])
    if (!item.adjustable || quantities[index] === undefined) continue
    const { minimum, maximum } = item.adjustable
    if (!Number.isInteger(quantity) || quantity < minimum || quantity > maximum)
      return { message: `The quantity must be between ${minimum} and ${maximum}.`, field: 'quantity' }
    item.quantity = quantity
  }
  setAmounts(session, plan, account)
  return undefined
}

function over(session: Stripe.Checkout.Session): Answer {
  const what = session.status === 'complete' ? 'This is paid already.' : 'This link has expired.'
  const back = session.cancel_url === null ? null : html`<p><a href="${session.cancel_url}">Back</a></p>`
  return page(
    'Nothing to pay',
    html`<p>${what}</p>
      ${back}`,
    session.status === 'complete' ? 200 : 410,
  )
}

function form(
  account: Account,
  session: Stripe.Checkout.Session,
  typed: Typed,
  wrong?: Wrong,
  status = wrong ? 400 : 200,
): Answer {
  const total = money(session.amount_total ?? 0, session.currency ?? 'eur')
  const items = lineItems(account, session.id)
  const adjustable = items.some((one) => one.adjustable_quantity !== null)
  const content = html`${alertOf(wrong?.message)}
    <form method="post" action="/pay/${session.id}">
      ${items.map((item, index) => itemRow(item, index, wrong))}
      <p>
        Total now: <strong>${total}</strong>, then the same each
        ${items[0]?.price?.recurring?.interval ?? 'month'} until cancelled.
      </p>
      ${adjustable ? html`<button name="action" value="update" formnovalidate>Update total</button>` : null}
      ${contact(session, typed, wrong)} ${session.tax_id_collection?.enabled ? taxFields(typed) : null}
      <label for="card">Card number</label>
      <input
        id="card"
        name="card"
        inputmode="numeric"
        autocomplete="off"
        required
        ${invalidIf(wrong, 'card')}
        aria-describedby="cards"
      />
      <p class="hint" id="cards">
        4242 4242 4242 4242 pays. 4000 0000 0000 0341 pays now and fails at each later charge. 4000 0000 0000
        0002 is declined.
      </p>
      <button class="main" name="action" value="pay">Pay ${total}</button>
      ${session.cancel_url === null ? null : html`<button name="action" value="back" formnovalidate>Back without paying</button>`}
    </form>`
  return page('Pay for a subscription', content, status)
}

const invalidIf = (wrong: Wrong | undefined, field: string): Html | null =>
  wrong?.field === field ? html`aria-invalid="true" aria-errormessage="error"` : null

function itemRow(item: Stripe.LineItem, index: number, wrong: Wrong | undefined): Html {
  const price = item.price
  const each = money(price?.unit_amount ?? 0, item.currency)
  const name = html`<h2>${item.description}</h2>
    <p>${each} a ${price?.recurring?.interval ?? ''} for each</p>`
  if (!item.adjustable_quantity)
    return html`${name}
      <p>Quantity: ${item.quantity}</p>`
  const { minimum, maximum } = item.adjustable_quantity
  return html`${name}<label for="quantity-${index}">Quantity</label>
    <input
      id="quantity-${index}"
      name="quantity-${index}"
      type="number"
      min="${minimum}"
      max="${maximum}"
      value="${item.quantity}"
      ${invalidIf(wrong, 'quantity')}
    />`
}

function contact(session: Stripe.Checkout.Session, typed: Typed, wrong: Wrong | undefined): Html | null {
  if (session.customer !== null) return null
  const email =
    session.customer_email === null
      ? html`<label for="email">E-mail address</label>
          <input
            id="email"
            name="email"
            type="email"
            autocomplete="email"
            required
            value="${typed['email']}"
            ${invalidIf(wrong, 'email')}
          />`
      : html`<p>E-mail address: ${session.customer_email}</p>`
  return html`${email}
    <label for="name">Name or company</label>
    <input id="name" name="name" autocomplete="organization" value="${typed['name']}" />`
}

const taxFields = (typed: Typed): Html =>
  html`<label for="tax-type">Kind of tax id</label>
    <select id="tax-type" name="tax-type">
      ${TAX_IDS.map(
        ([value, label]) =>
          html`<option value="${value}" ${typed['tax-type'] === value ? html`selected` : null}>
            ${label}
          </option>`,
      )}
    </select>
    <label for="tax-id">Tax id (optional)</label>
    <input id="tax-id" name="tax-id" autocomplete="off" value="${typed['tax-id']}" />`
