'use client'

import { api } from '@/app/_lib/api-client'
import { useAnswer } from '@/app/_lib/use-answer'
import type { MovePreview } from '@/server/features/clouds/clouds.schema'
import { Alert } from '@/ui/alert'
import { Skeleton } from '@/ui/skeleton'

interface Props {
  cloudId: string
  /** Null: nobody is chosen yet. */
  tenantId: string | null
}

const SHOWN = 10

/** Before a cloud is assigned: how much of what moves, who gains and who loses, and what stands in the way, by name. */
export function CloudMovePreview({ cloudId, tenantId }: Props) {
  const { value: plan, problem } = useAnswer(tenantId && `${cloudId} ${tenantId}`, (signal) =>
    api().clouds.movePreview.query({ id: cloudId, tenantId: tenantId ?? '' }, { signal }),
  )
  if (tenantId === null) return null
  if (problem) return <Alert tone="danger">{problem}</Alert>
  if (!plan) return <Skeleton className="h-16" />
  return (
    <div role="status" className="grid gap-3">
      {plan.blocked > 0 && <Blockers plan={plan} />}
      <div className="grid gap-1.5 rounded-md border border-line bg-subtle px-3 py-2.5 text-sm">
        <p className="font-medium">What will change</p>
        <p className="text-muted">
          {plan.total === 0
            ? 'Nothing of yours stands in it: the cloud moves alone.'
            : `It moves with ${plan.counts.map(({ label, count }) => `${count.toLocaleString('en')} ${label.toLowerCase()}`).join(', ')}. All of it becomes private.`}
        </p>
        <ul className="grid list-disc gap-1 pl-4 wrap-anywhere">
          {plan.lines.map((line, index) => (
            <li key={index}>{line}</li>
          ))}
        </ul>
        {plan.background && (
          <p className="text-muted">That is much, so it goes on in the background; you see how far it is.</p>
        )}
      </div>
    </div>
  )
}

function Blockers({ plan }: { plan: MovePreview }) {
  return (
    <Alert tone="danger" title="It cannot move: tenants have made things in it">
      <ul className="grid list-disc gap-0.5 pl-4">
        {plan.blockers.slice(0, SHOWN).map(({ label, name, tenant }, index) => (
          <li key={index}>
            {label} {name} of {tenant}
          </li>
        ))}
        {plan.blocked > SHOWN && <li>and {plan.blocked - SHOWN} more</li>}
      </ul>
    </Alert>
  )
}
