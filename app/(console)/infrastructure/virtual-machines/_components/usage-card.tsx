'use client'

import { useEffect, useState } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import { LevelChoice } from '@/app/(console)/_components/roles/level-choice'
import { UsageCharts } from '@/app/(console)/infrastructure/virtual-machines/_components/usage-charts'
import { METRIC_SPANS, type MetricSpan, SPAN } from '@/lib/metric-spans'
import type { MachineView, MetricsView } from '@/server/features/machines/machines.schema'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { RelativeTime } from '@/ui/relative-time'
import { Spinner } from '@/ui/spinner'

interface Answer {
  view: MetricsView
  span: MetricSpan
  round: number
  /** Milliseconds since 1970. */
  at: number
}

const SPANS = METRIC_SPANS.map((value) => ({ value, label: SPAN[value].label }))

interface Props {
  machineId: string
  history: NonNullable<MachineView['found']>['history']
}

/** On a virtual machine's page: how it was doing, asked of its cloud once the page is there. */
export function UsageCard({ machineId, history }: Props) {
  const [span, setSpan] = useState<MetricSpan>('hour')
  const [round, setRound] = useState(0)
  const [answer, setAnswer] = useState<Answer | null>(null)
  const { allowed, reason } = history
  useEffect(() => {
    if (!allowed) return
    let left = false
    const show = (view: MetricsView) => {
      if (!left) setAnswer({ view, span, round, at: Date.now() })
    }
    api()
      .machines.metrics.query({ id: machineId, span })
      .then(show, (caught: unknown) => show({ points: [], why: problemOf(caught).message }))
    return () => {
      left = true
    }
  }, [machineId, span, round, allowed])
  if (!allowed)
    return (
      <Card title="Usage">
        <p className="text-sm text-muted">{reason}.</p>
      </Card>
    )
  const busy = answer?.span !== span || answer.round !== round
  return (
    <Card
      title="Usage"
      actions={
        <LevelChoice label="Time shown" name="usage-span" options={SPANS} value={span} onChange={setSpan} />
      }
    >
      <div aria-busy={busy} className="grid gap-4">
        {answer !== null && <Told {...answer} />}
        <div className="flex min-h-7 flex-wrap items-center justify-between gap-x-3 gap-y-1 text-xs text-muted">
          <p className="flex items-center gap-2">
            {busy && <Spinner />}
            <span role="status">{busy && 'Asking the cloud…'}</span>
            {!busy && <As at={answer.at} />}
          </p>
          {answer !== null && (
            <Button size="sm" loading={busy} onClick={() => setRound(round + 1)}>
              Load again
            </Button>
          )}
        </div>
      </div>
    </Card>
  )
}

const As = ({ at }: { at: number }) => (
  <span>
    As of <RelativeTime date={at} />
  </span>
)

function Told({ view: { points, why }, span, at }: Answer) {
  if (why !== '')
    return (
      <Alert tone="warning" title="Its usage cannot be told now">
        {why}
      </Alert>
    )
  if (points.length === 0)
    return (
      <p className="text-sm text-muted">
        No usage in this time: it was off, or was not here yet. A running machine shows after some minutes.
      </p>
    )
  return <UsageCharts points={points} span={span} at={at} />
}
