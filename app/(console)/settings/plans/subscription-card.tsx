'use client'

import { useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useChange } from '@/app/(console)/_components/resources/use-change'
import { ChangeDialog } from '@/app/(console)/settings/plans/change-dialog'
import type { Billing, Subscription } from '@/server/features/billing/billing.schema'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { DescriptionList } from '@/ui/description-list'
import { formatDate } from '@/ui/format-time'
import { type Status, StatusDot } from '@/ui/status-dot'

const STATUS: Record<string, { status: Status; label: string }> = {
  active: { status: 'live', label: 'Active' },
  trialing: { status: 'live', label: 'Trial' },
  past_due: { status: 'warning', label: 'Payment failed' },
  unpaid: { status: 'offline', label: 'Unpaid' },
  paused: { status: 'disabled', label: 'Paused' },
}

const day = (iso: string) => formatDate(Date.parse(iso))

/** The subscription, and what can be done with it. */
export function SubscriptionCard({
  billing,
  subscription,
}: {
  billing: Billing
  subscription: Subscription
}) {
  const [dialog, setDialog] = useState<'change' | 'cancel' | null>(null)
  const { pending, error, run } = useChange(() => setDialog(null))
  const { status, hosts, periodEnd, cancelAt } = subscription
  const blocked = (!billing.can.buy && billing.why.buy) || (pending && 'Being done')
  const openPortal = async () => window.location.assign((await api().billing.portal.mutate()).url)
  return (
    <Card
      title="Subscription"
      description={billing.test ? 'Stripe’s test mode: no real money' : 'Paid through Stripe'}
      actions={
        <Button
          size="sm"
          disabledReason={blocked}
          onClick={() => void run(() => api().billing.refresh.mutate(), 'Read anew at Stripe.')}
        >
          Refresh
        </Button>
      }
      footer={
        <div className="flex flex-wrap gap-2">
          <Button size="sm" disabledReason={blocked} onClick={() => setDialog('change')}>
            Change hosts or interval
          </Button>
          <Button
            size="sm"
            disabledReason={blocked}
            onClick={() => void run(openPortal, 'You are led to Stripe.', () => undefined)}
          >
            Cards, address and tax id
          </Button>
          {cancelAt ? (
            <Button
              size="sm"
              disabledReason={blocked}
              onClick={() => void run(() => api().billing.resume.mutate(), 'The subscription goes on.')}
            >
              Keep it
            </Button>
          ) : (
            <Button size="sm" disabledReason={blocked} onClick={() => setDialog('cancel')}>
              Cancel subscription
            </Button>
          )}
        </div>
      }
    >
      <div className="grid gap-4">
        {error && !dialog && <Alert tone="danger">{error}</Alert>}
        <Trouble subscription={subscription} />
        <DescriptionList
          items={[
            {
              label: 'Status',
              value: <StatusDot {...(STATUS[status] ?? { status: 'unknown' as const, label: status })} />,
            },
            { label: 'Hosts', value: hosts.toLocaleString('en') },
            { label: cancelAt ? 'Ends' : 'Renews', value: day(cancelAt ?? periodEnd) },
          ]}
        />
      </div>
      {dialog === 'change' && <ChangeDialog subscription={subscription} onClose={() => setDialog(null)} />}
      {dialog === 'cancel' && (
        <ConfirmDialog
          open
          onOpenChange={() => setDialog(null)}
          title="Cancel the subscription?"
          consequences={[
            `It goes on until ${day(periodEnd)}, which is paid`,
            'Afterwards everything stays readable; creating and enabling tenants waits for a licence',
            'Until then you can take this back',
          ]}
          confirmLabel="Cancel subscription"
          cancelLabel="Keep it"
          pending={pending}
          error={error}
          onConfirm={() => void run(() => api().billing.cancel.mutate(), 'The subscription is cancelled.')}
        />
      )}
    </Card>
  )
}

function Trouble({ subscription: { status, graceUntil, cancelAt } }: { subscription: Subscription }) {
  if (status === 'past_due' && graceUntil)
    return (
      <Alert tone="danger" title="The last payment failed">
        Everything works until {day(graceUntil)}. Put the card right under “Cards, address and tax id”; Stripe
        tries again by itself.
      </Alert>
    )
  if (status === 'unpaid')
    return (
      <Alert tone="danger" title="The subscription is not paid">
        It gives nothing until the open invoice is paid.
      </Alert>
    )
  if (cancelAt)
    return (
      <Alert tone="warning" title={`It ends on ${day(cancelAt)}`}>
        Afterwards everything stays readable, but nothing new can be created or enabled.
      </Alert>
    )
  return null
}
