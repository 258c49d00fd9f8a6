'use client'

import { type FormEvent, useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import type { Billing, Offer } from '@/server/features/billing/billing.schema'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Skeleton } from '@/ui/skeleton'
import { type Draft, OrderFields, orderOf } from './order-fields'
import { useOffers } from './use-offers'

type Props = { billing: Billing; plan: string; hostsUsed: number }

/** Buys a plan: leads to Stripe's page to pay on. */
export function BuyForm({ billing, plan, hostsUsed }: Props) {
  const { offers, problem, again } = useOffers()
  if (problem)
    return (
      <Alert
        tone="warning"
        title="Prices could not be loaded"
        action={<Button onClick={again}>Try again</Button>}
      >
        {problem}
      </Alert>
    )
  if (!offers) return <Skeleton className="h-32" />
  const sold = offers.filter((one) => one.plan === plan)
  return sold.length === 0 ? null : <Form billing={billing} offers={sold} hosts={Math.max(10, hostsUsed)} />
}

function Form({ billing, offers, hosts }: { billing: Billing; offers: Offer[]; hosts: number }) {
  const [draft, setDraft] = useState<Draft>({ price: offers[0]?.price ?? '', hosts: String(hosts) })
  const form = useSubmit('buy')
  const general = form.errors.find(({ field }) => !field)?.message
  const send = (event: FormEvent) => {
    event.preventDefault()
    void form.submit(async () => {
      const { url } = await api().billing.checkout.mutate(orderOf(draft))
      window.location.assign(url)
    })
  }
  return (
    <form onSubmit={send} className="grid gap-3 border-t border-line pt-4" noValidate>
      {general && <Alert tone="danger">{general}</Alert>}
      <OrderFields offers={offers} draft={draft} onChange={setDraft} field={form.field} />
      <Button
        type="submit"
        variant="primary"
        block
        loading={form.pending}
        disabledReason={!billing.can.buy && billing.why.buy}
      >
        Continue to payment
      </Button>
      <p className="text-xs text-muted">
        {billing.test
          ? 'Stripe’s test mode: no real money is taken.'
          : 'You pay on a page of Stripe; Freehold sees no card.'}
      </p>
    </form>
  )
}
