import { procedure, router } from '@/server/rpc/procedure'
import * as schema from './billing.schema'
import * as service from './billing.service'
import { invoices } from './invoices'
import { offers } from './offers'
import { isConfigured } from './stripe'

const read = { scope: 'master', permission: ['settings', 'read'], audit: 'none' } as const
const write = { scope: 'master', permission: ['settings', 'full'] } as const

/** Subscriptions at Stripe; the master's. */
export const billingRouter = router({
  get: procedure({ ...read, summary: 'The subscription, as Stripe told it last' })
    .output(schema.billing)
    .query(({ ctx }) => service.get(ctx.op)),
  offers: procedure({ ...read, summary: 'What can be bought, and what it costs at Stripe' })
    .output(schema.offers)
    .query(async () => ({ offers: isConfigured() ? await offers() : [] })),
  invoices: procedure({ ...read, summary: 'The invoices at Stripe, newest first' })
    .input(schema.invoicesInput)
    .output(schema.invoices)
    .query(({ ctx, input }) => invoices(ctx.op, input.after)),
  preview: procedure({
    ...write,
    audit: 'none',
    summary: 'What changing the subscription costs now, and from then on',
  })
    .input(schema.order)
    .output(schema.preview)
    .query(({ ctx, input }) => service.preview(ctx.op, input)),
  checkout: procedure({
    ...write,
    audit: 'billing.checkout',
    summary: 'Begin a purchase on a page of Stripe',
  })
    .input(schema.order)
    .output(schema.elsewhere)
    .mutation(({ ctx, input }) => service.checkout(ctx.op, input)),
  confirm: procedure({
    ...write,
    audit: 'billing.confirm',
    summary: 'Take over what was just bought on the page of Stripe',
  })
    .input(schema.session)
    .output(schema.billing)
    .mutation(({ ctx, input }) => service.confirm(ctx.op, input.session)),
  portal: procedure({
    ...write,
    audit: 'billing.portal',
    summary: 'Open the page of Stripe for cards, addresses, tax ids and invoices',
  })
    .output(schema.elsewhere)
    .mutation(({ ctx }) => service.portal(ctx.op)),
  change: procedure({
    ...write,
    audit: 'billing.change',
    summary: 'Change the number of hosts or the interval',
  })
    .input(schema.order)
    .output(schema.billing)
    .mutation(({ ctx, input }) => service.change(ctx.op, input)),
  cancel: procedure({
    ...write,
    audit: 'billing.cancel',
    summary: 'End the subscription with its paid period',
  })
    .output(schema.billing)
    .mutation(({ ctx }) => service.cancel(ctx.op, true)),
  resume: procedure({ ...write, audit: 'billing.resume', summary: 'Let a cancelled subscription go on' })
    .output(schema.billing)
    .mutation(({ ctx }) => service.cancel(ctx.op, false)),
  refresh: procedure({ ...write, audit: 'billing.refresh', summary: 'Read the subscription at Stripe anew' })
    .output(schema.billing)
    .mutation(({ ctx }) => service.refresh(ctx.op)),
})
