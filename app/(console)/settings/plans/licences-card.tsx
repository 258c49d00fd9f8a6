'use client'

import { useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useChange } from '@/app/(console)/_components/resources/use-change'
import { capabilityLabel } from '@/lib/capabilities'
import type { Licence, Licences } from '@/server/features/licence/licence.schema'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { EmptyState } from '@/ui/empty-state'
import { formatDate } from '@/ui/format-time'
import { StatusDot } from '@/ui/status-dot'
import { hostsText, SOURCE } from '@/app/(console)/_components/licence-words'

const STATUS = {
  running: { status: 'live', label: 'Active', when: 'until' },
  future: { status: 'pending', label: 'Begins later', when: 'until' },
  expired: { status: 'disabled', label: 'Expired', when: 'on' },
  ended: { status: 'disabled', label: 'Ended', when: 'on' },
} as const

const titleOf = ({ source, customer }: Licence) =>
  customer ? `${SOURCE[source]} for ${customer}` : SOURCE[source]

/** All licences there were. Those that run count together. */
export function LicencesCard({ state: { licences } }: { state: Licences }) {
  const [ending, setEnding] = useState<Licence | null>(null)
  return (
    <Card
      title="Licences"
      description="Those that are active count together: hosts are added up."
      padded={false}
    >
      {licences.length === 0 ? (
        <EmptyState title="No licence yet" bare>
          A licence key, a subscription or a trial is listed here.
        </EmptyState>
      ) : (
        <ul className="divide-y divide-line">
          {licences.map((one) => (
            <Row key={one.id} licence={one} onEnd={() => setEnding(one)} />
          ))}
        </ul>
      )}
      {ending && <ConfirmEnd licence={ending} onClose={() => setEnding(null)} />}
    </Card>
  )
}

function Row({ licence, onEnd }: { licence: Licence; onEnd: () => void }) {
  const { status, label, when } = STATUS[licence.status]
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-4 py-3">
      <div className="grid min-w-0 gap-0.5">
        <span className="font-medium wrap-anywhere">{titleOf(licence)}</span>
        <span className="text-xs text-muted">
          {[hostsText(licence.hosts), ...licence.capabilities.map(capabilityLabel)].join(' · ')}
        </span>
      </div>
      <div className="flex items-center gap-3">
        <span className="grid justify-items-end gap-0.5 max-sm:justify-items-start">
          <StatusDot status={status} label={label} />
          <span className="text-xs text-muted tabular-nums">
            {licence.status === 'future' && `from ${formatDate(Date.parse(licence.startsAt))} `}
            {licence.source === 'stripe' && licence.status === 'running'
              ? 'as long as it is paid'
              : `${when} ${formatDate(Date.parse(licence.expiresAt))}`}
          </span>
        </span>
        {licence.can.end && (
          <Button size="sm" onClick={onEnd} aria-label={`End ${titleOf(licence)}`}>
            End
          </Button>
        )}
      </div>
    </li>
  )
}

function ConfirmEnd({ licence, onClose }: { licence: Licence; onClose: () => void }) {
  const { pending, error, run } = useChange(onClose)
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={`End the ${titleOf(licence)}?`}
      consequences={[
        'What it covers ends at once, unless another licence covers it too',
        'Nothing is deleted: what is there stays readable',
        licence.source === 'trial' ? 'A trial does not come back' : 'The key can be activated again',
      ]}
      confirmLabel="End licence"
      pending={pending}
      error={error}
      onConfirm={() => void run(() => api().licence.end.mutate({ id: licence.id }), 'The licence has ended.')}
    />
  )
}
