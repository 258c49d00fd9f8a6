import type { Answer } from '@/test/stripe/api'

/** Markup that is safe to put into a page as it is. */
export class Html {
  constructor(readonly text: string) {}
}
type Piece = Html | Html[] | string | number | null | undefined

/** A template whose values are escaped unless they are markup already; null and undefined are nothing. */
export const html = (parts: TemplateStringsArray, ...values: Piece[]): Html =>
  new Html(parts.reduce((all, part, index) => all + part + textOf(values[index]), ''))

function textOf(value: Piece): string {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) return value.map((one) => one.text).join('')
  if (value instanceof Html) return value.text
  return String(value).replaceAll(
    /[&<>"']/g,
    (one) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[one] ?? one,
  )
}

const STYLE = `
body{font:16px/1.5 system-ui,sans-serif;margin:0;color:#1a1a1a;background:#f4f5f7}
main{max-width:40rem;margin:1.5rem auto;padding:1.5rem;background:#fff;border:1px solid #c9ccd3;border-radius:.5rem}
.emulator{margin:0;padding:.75rem 1.5rem;background:#5b2a00;color:#fff;text-align:center}
h1{font-size:1.4rem;margin:0 0 1rem}h2{font-size:1.1rem;margin:1.5rem 0 .5rem}
label{display:block;margin:.75rem 0 .25rem;font-weight:600}.hint{color:#4a4f57;font-size:.9rem;margin:.25rem 0}
input,select{font:inherit;padding:.5rem;width:100%;box-sizing:border-box;border:1px solid #6b7280;border-radius:.25rem}
input[type=number]{width:8rem}[aria-invalid=true]{border:2px solid #a11}
button{font:inherit;padding:.5rem 1rem;margin:.5rem .5rem 0 0;border:1px solid #1f3a8a;border-radius:.25rem;background:#fff;color:#1f3a8a;cursor:pointer}
button.main{background:#1f3a8a;color:#fff}a{color:#1f3a8a}form{margin:0}.row{display:flex;flex-wrap:wrap}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .5rem;border-bottom:1px solid #d5d8de}td.amount,th.amount{text-align:right}
.error{padding:.75rem 1rem;background:#fdeaea;border-left:4px solid #a11;margin:0 0 1rem}
:focus-visible{outline:3px solid #b45309;outline-offset:2px}`

/** A page that says whose it is. */
export function page(title: string, content: Html, status = 200): Answer {
  const whole = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} (Stripe emulator)</title>
        <style>
          ${new Html(STYLE)}
        </style>
      </head>
      <body>
        <header class="emulator">
          This is Freehold's Stripe emulator, not Stripe. No money moves; never type a real card.
        </header>
        <main>
          <h1>${title}</h1>
          ${content}
        </main>
      </body>
    </html>`
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    },
    body: whole.text,
  }
}

/** See other: what follows a form, so that going back and reloading sends nothing again. */
export const seeOther = (location: string): Answer => ({ status: 303, headers: { location }, body: '' })

/** What stopped a form, said first and to screen readers at once. */
export const alertOf = (message: string | undefined): Html | null =>
  message === undefined ? null : html`<p class="error" role="alert" id="error">${message}</p>`
