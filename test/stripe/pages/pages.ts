import type { Account } from '@/test/stripe/account/account'
import type { Answer, Asked } from '@/test/stripe/api'
import { money } from '@/test/stripe/billing/lines'
import { dayOf } from '@/test/stripe/billing/period'
import { StripeFailure } from '@/test/stripe/failure'
import { html, page } from '@/test/stripe/pages/html'
import { payPage } from '@/test/stripe/pages/pay'
import { portalPage } from '@/test/stripe/pages/portal'
import { pass } from '@/test/stripe/pages/portal-acts'

/** Pages for people and the routes of `/_emulator`; null for a path that is neither. @param move moves the clock */
export const pagesOf =
  (account: Account, move: (second: number) => void) =>
  (asked: Asked): Answer | null => {
    const [, kind, id = ''] = new URL(asked.url, account.base).pathname.split('/')
    const sent = asked.method === 'POST'
    if (!sent && asked.method !== 'GET') return null
    const typed = sent ? Object.fromEntries(new URLSearchParams(asked.body)) : null
    if (kind === 'pay') return payPage(account, id, typed)
    if (kind === 'portal') return portalPage(account, id, typed, move)
    if (kind === 'invoices' && !sent) return invoicePage(account, id)
    if (kind === '_emulator') return debug(account, id, typed, move)
    return null
  }

function invoicePage(account: Account, id: string): Answer {
  const invoice = account.kept.invoices.find(id)
  if (!invoice) return page('No such invoice', html`<p>This link leads nowhere.</p>`, 404)
  const { currency } = invoice
  const content = html`<p>
      ${dayOf(invoice.created)}, for ${invoice.customer_name ?? invoice.customer_email}. Status:
      <strong>${invoice.status}</strong>.
    </p>
    <table>
      <thead>
        <tr>
          <th scope="col">What</th>
          <th scope="col" class="amount">Amount</th>
        </tr>
      </thead>
      <tbody>
        ${invoice.lines.data.map(
          (line) =>
            html`<tr>
              <td>${line.description}</td>
              <td class="amount">${money(line.amount, currency)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
    <p>
      Total ${money(invoice.total, currency)}, to pay ${money(invoice.amount_due, currency)}, paid
      ${money(invoice.amount_paid, currency)}.
    </p>`
  return page(`Invoice ${invoice.number ?? ''}`, content)
}

/**
 * For scripts: `GET /_emulator/state` tells the time and counts; `POST /_emulator/advance` with `span` (day, week, month, year) or `seconds`
 * moves the clock.
 */
function debug(
  account: Account,
  what: string,
  typed: Record<string, string | undefined> | null,
  move: (second: number) => void,
): Answer | null {
  if (what === 'advance' && typed !== null)
    try {
      const { seconds, span } = typed
      if (seconds !== undefined && /^\d{1,9}$/.test(seconds)) move(account.now() + Number(seconds))
      else pass(account, span, move)
      return stateOf(account)
    } catch (error) {
      if (!(error instanceof StripeFailure)) throw error
      return { status: 400, headers: { 'content-type': 'text/plain' }, body: `${error.message}\n` }
    }
  return what === 'state' && typed === null ? stateOf(account) : null
}

const stateOf = (account: Account): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    now: account.now(),
    subscriptions: account.kept.subscriptions.toJSON().map(({ id, status }) => ({ id, status })),
    invoices: account.kept.invoices.toJSON().length,
    events: account.kept.events.toJSON().length,
  }),
})
