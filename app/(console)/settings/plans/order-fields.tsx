'use client'

import type { useSubmit } from '@/app/_lib/use-submit'
import type { Offer } from '@/server/features/billing/billing.schema'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'
import { Select } from '@/ui/select'
import { offerText, totalText } from './offer-words'

export interface Draft {
  price: string
  hosts: string
}

type Props = {
  offers: readonly Offer[]
  draft: Draft
  onChange: (draft: Draft) => void
  field: ReturnType<typeof useSubmit>['field']
}

/** How often it is paid, and for how many hosts. */
export function OrderFields({ offers, draft, onChange, field }: Props) {
  const offer = offers.find(({ price }) => price === draft.price)
  const total = offer && totalText(offer, Number(draft.hosts))
  return (
    <div className="grid gap-3">
      <Field label="Paid" {...field('price')}>
        <Select
          value={draft.price}
          options={offers.map((one) => ({ value: one.price, label: offerText(one) }))}
          onChange={(event) => onChange({ ...draft, price: event.target.value })}
        />
      </Field>
      <Field label="Hosts" {...field('hosts')} hint={total ? `${total}, before tax` : undefined}>
        <Input
          type="number"
          inputMode="numeric"
          min={1}
          step={1}
          value={draft.hosts}
          onChange={(event) => onChange({ ...draft, hosts: event.target.value })}
        />
      </Field>
    </div>
  )
}

export const orderOf = ({ price, hosts }: Draft) => ({ price, hosts: Number(hosts) })
