'use client'

import { useState } from 'react'
import { useRouter } from 'next/navigation'
import { api } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import { moneyText } from '@/lib/money'
import type { Offer, Preview, Subscription } from '@/server/features/billing/billing.schema'
import { Alert } from '@/ui/alert'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { Skeleton } from '@/ui/skeleton'
import { toast } from '@/ui/toast'
import { intervalText } from './offer-words'
import { type Draft, OrderFields, orderOf } from './order-fields'
import { useOffers } from './use-offers'

/** More or fewer hosts, or another interval: says what it costs before it is done. */
export function ChangeDialog({ subscription, onClose }: { subscription: Subscription; onClose: () => void }) {
  const router = useRouter()
  const { offers, problem } = useOffers()
  const [draft, setDraft] = useState<Draft>({ price: subscription.price, hosts: String(subscription.hosts) })
  const [cost, setCost] = useState<Preview | null>(null)
  const form = useSubmit('change')
  const sold = offers?.filter((one) => one.plan === subscription.plan)
  const same = draft.price === subscription.price && Number(draft.hosts) === subscription.hosts
  const next = async () => {
    if (!cost) return setCost(await api().billing.preview.query(orderOf(draft)))
    await api().billing.change.mutate(orderOf(draft))
    toast.success('The subscription is changed.')
    onClose()
    router.refresh()
  }
  return (
    <ConfirmDialog
      open
      tone="default"
      onOpenChange={onClose}
      title="Change the subscription"
      description="More hosts are there at once. With fewer, all hosts stay; new ones wait until there is room."
      confirmLabel={cost ? 'Change subscription' : 'Show what it costs'}
      pending={form.pending}
      error={problem ?? form.errors.find(({ field }) => !field)?.message}
      disabledReason={(!sold && 'Prices are being loaded') || (same && 'Nothing is changed yet')}
      onConfirm={() => void form.submit(next)}
    >
      {!sold && !problem && <Skeleton className="h-32" />}
      {sold && (
        <OrderFields
          offers={sold}
          draft={draft}
          field={form.field}
          onChange={(changed) => {
            setDraft(changed)
            setCost(null)
          }}
        />
      )}
      {cost && <Cost cost={cost} offer={sold?.find(({ price }) => price === draft.price)} />}
    </ConfirmDialog>
  )
}

function Cost({ cost: { dueNow, then, currency }, offer }: { cost: Preview; offer?: Offer }) {
  const now =
    dueNow >= 0
      ? `${moneyText(dueNow, currency)} is charged now.`
      : `${moneyText(-dueNow, currency)} is credited to the next invoices.`
  return (
    <Alert tone="info" title={now}>
      {then !== null &&
        offer &&
        `From then on ${moneyText(then, currency)} a ${intervalText(offer)}, before tax.`}
    </Alert>
  )
}
