import type Stripe from 'stripe'
import type { Account } from '@/test/stripe/account/account'
import type { Answer } from '@/test/stripe/api'
import { money } from '@/test/stripe/billing/lines'
import { dayOf } from '@/test/stripe/billing/period'
import { StripeFailure } from '@/test/stripe/failure'
import { alertOf, html, type Html, page, seeOther } from '@/test/stripe/pages/html'
import { actInPortal } from '@/test/stripe/pages/portal-acts'

type Move = (second: number) => void

/** Where a customer sees and changes what is paid for, and what it sends. */
export function portalPage(
  account: Account,
  id: string,
  typed: Record<string, string | undefined> | null,
  move: Move,
): Answer {
  const portal = account.kept.portals.find(id)
  const customer = portal && account.kept.customers.find(portal.customer)
  if (!customer) return page('No such page', html`<p>This link leads nowhere.</p>`, 404)
  if (typed === null) return show(account, portal, customer)
  try {
    actInPortal(account, customer, typed, move)
    return seeOther(`/portal/${id}`)
  } catch (error) {
    if (!(error instanceof StripeFailure)) throw error
    return show(account, portal, customer, error.message, error.status)
  }
}

function show(
  account: Account,
  portal: Stripe.BillingPortal.Session,
  customer: Stripe.Customer,
  wrong?: string,
  status = 200,
): Answer {
  const mine = account.kept.subscriptions.newest().filter((one) => one.customer === customer.id)
  const action = `/portal/${portal.id}`
  const content = html`${alertOf(wrong)}
    <p>${customer.name ?? customer.email ?? customer.id}. Today is ${dayOf(account.now())}.</p>
    ${mine.length === 0 ? html`<p>There is no subscription.</p>` : mine.map((one) => subscriptionPart(account, one, action))}
    <h2>Card</h2>
    ${cardPart(account, customer, action)}
    <h2>Invoices</h2>
    ${invoicesPart(account, customer)}
    <h2>Time in the emulator</h2>
    <p class="hint">
      Stripe has no such buttons. They move the emulator's clock, so that renewals, failed payments and
      endings happen now.
    </p>
    <form method="post" action="${action}" class="row">
      <input type="hidden" name="act" value="pass" />
      ${['day', 'week', 'month', 'year'].map((span) => html`<button name="span" value="${span}">Let a ${span} pass</button>`)}
    </form>
    ${portal.return_url === null ? null : html`<p><a href="${portal.return_url}">Return to Freehold</a></p>`}`
  return page('Your subscription', content, status)
}

function subscriptionPart(account: Account, subscription: Stripe.Subscription, action: string): Html {
  const [item] = subscription.items.data
  if (!item) return html``
  const product = account.kept.products.find(item.price.product as string)
  const until = dayOf(item.current_period_end)
  const ends = subscription.cancel_at_period_end ? `Ends on ${until}.` : `Renews on ${until}.`
  const state = subscription.ended_at === null ? ends : `Ended on ${dayOf(subscription.ended_at)}.`
  return html`<h2>${product?.name ?? item.price.id}</h2>
    <p>
      ${item.quantity} at ${money(item.price.unit_amount ?? 0, item.price.currency)} a
      ${item.price.recurring?.interval ?? ''}. Status: <strong>${subscription.status}</strong>. ${state}
    </p>
    ${subscription.ended_at === null ? acts(subscription, item, action) : null}`
}

function acts(subscription: Stripe.Subscription, item: Stripe.SubscriptionItem, action: string): Html {
  const ending = subscription.cancel_at_period_end
  return html`<form method="post" action="${action}">
    <input type="hidden" name="subscription" value="${subscription.id}" />
    <label for="q-${item.id}">Quantity</label>
    <input id="q-${item.id}" name="quantity" type="number" min="1" max="999999" value="${item.quantity}" />
    <div class="row">
      <button class="main" name="act" value="quantity">Change quantity</button>
      ${
        ending
          ? html`<button name="act" value="resume">Do not cancel after all</button>`
          : html`<button name="act" value="cancel">Cancel at the end of the period</button>`
      }
      <button name="act" value="cancel-now">Cancel now</button>
    </div>
  </form>`
}

function cardPart(account: Account, customer: Stripe.Customer, action: string): Html {
  const cards = account.kept.paymentMethods.newest().filter((one) => one.customer === customer.id)
  const current = cards[0]?.card
  return html`<p>${current ? `${current.brand} ending in ${current.last4}` : 'No card yet.'}</p>
    <form method="post" action="${action}">
      <label for="card">New card number</label>
      <input id="card" name="card" inputmode="numeric" autocomplete="off" required aria-describedby="cards" />
      <p class="hint" id="cards">
        4242 4242 4242 4242 pays. With 4000 0000 0000 0341 each later charge fails.
      </p>
      <button name="act" value="card">Change card</button>
    </form>`
}

function invoicesPart(account: Account, customer: Stripe.Customer): Html {
  const mine = account.kept.invoices.newest().filter((one) => one.customer === customer.id)
  if (mine.length === 0) return html`<p>There is none.</p>`
  return html`<table>
    <thead>
      <tr>
        <th scope="col">Number</th>
        <th scope="col">Day</th>
        <th scope="col">Status</th>
        <th scope="col" class="amount">Amount</th>
      </tr>
    </thead>
    <tbody>
      ${mine.map(
        (one) =>
          html`<tr>
            <td><a href="/invoices/${one.id}">${one.number}</a></td>
            <td>${dayOf(one.created)}</td>
            <td>${one.status}</td>
            <td class="amount">${money(one.total, one.currency)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`
}
