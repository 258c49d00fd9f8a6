'use client'

import { useEffect, useState } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import { moneyText } from '@/lib/money'
import type { Invoice } from '@/server/features/billing/billing.schema'
import { Alert } from '@/ui/alert'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { formatDate } from '@/ui/format-time'
import { Skeleton } from '@/ui/skeleton'
import { TextLink } from '@/ui/text-link'

const STATUS = {
  paid: { tone: 'success', label: 'Paid' },
  open: { tone: 'warning', label: 'Open' },
  draft: { tone: 'neutral', label: 'Draft' },
  void: { tone: 'neutral', label: 'Void' },
  uncollectible: { tone: 'danger', label: 'Uncollectible' },
} as const

const pageAfter = (known: Invoice[]) => api().billing.invoices.query({ after: known.at(-1)?.id })

/** The invoices, from Stripe, a page at a time. */
export function InvoicesCard() {
  const [invoices, setInvoices] = useState<Invoice[] | null>(null)
  const [more, setMore] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const take = (known: Invoice[], asked: ReturnType<typeof pageAfter>) =>
    asked
      .then((page) => {
        setInvoices([...known, ...page.invoices])
        setMore(page.more)
        setProblem(null)
      })
      .catch((error: unknown) => setProblem(problemOf(error).message))
  const load = (known: Invoice[]) => void take(known, pageAfter(known))
  useEffect(() => {
    void take([], pageAfter([]))
  }, [])
  return (
    <Card title="Invoices" padded={false}>
      {problem && (
        <Alert
          tone="warning"
          className="m-4"
          action={
            <Button size="sm" onClick={() => load(invoices ?? [])}>
              Try again
            </Button>
          }
        >
          {problem}
        </Alert>
      )}
      {!invoices && !problem && <Skeleton className="m-4 h-16" />}
      {invoices?.length === 0 && <p className="p-4 text-muted">There is no invoice yet.</p>}
      <ul className="divide-y divide-line">
        {invoices?.map((one) => (
          <Row key={one.id} invoice={one} />
        ))}
      </ul>
      {more && (
        <div className="border-t border-line p-3">
          <Button size="sm" onClick={() => load(invoices ?? [])}>
            Show earlier ones
          </Button>
        </div>
      )}
    </Card>
  )
}

function Row({ invoice }: { invoice: Invoice }) {
  const { tone, label } = STATUS[invoice.status as keyof typeof STATUS] ?? {
    tone: 'neutral',
    label: invoice.status,
  }
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 px-4 py-2.5">
      <span className="grid min-w-0">
        <span className="font-medium wrap-anywhere">{invoice.number ?? 'Draft'}</span>
        <span className="text-xs text-muted">{formatDate(Date.parse(invoice.createdAt))}</span>
      </span>
      <span className="flex items-center gap-3">
        <Badge tone={tone}>{label}</Badge>
        <span className="tabular-nums">{moneyText(invoice.total, invoice.currency)}</span>
        {invoice.page && (
          <TextLink href={invoice.page} target="_blank" rel="noreferrer">
            View<span className="sr-only"> invoice {invoice.number}</span>
          </TextLink>
        )}
      </span>
    </li>
  )
}
