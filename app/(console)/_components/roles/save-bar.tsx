'use client'

import { ArrowDownRight, ArrowUpRight } from 'lucide-react'
import { effectLine } from '@/lib/effects'
import type { Effects } from '@/server/features/roles/roles.schema'
import { Button } from '@/ui/button'
import { Spinner } from '@/ui/spinner'

/** What saving would do: unknown yet, not to be told, or told. */
export type WhatIf =
  { state: 'none' | 'asking' } | { state: 'refused'; why: string } | { state: 'told'; effects: Effects }

interface Props {
  dirty: boolean
  pending: boolean
  whatIf: WhatIf
  saveLabel: string
  onDiscard: () => void
}

/** Stays at the foot of an editor while there is something to save, and says who gains and loses by it. */
export function SaveBar({ dirty, pending, whatIf, saveLabel, onDiscard }: Props) {
  if (!dirty) return null
  return (
    <div className="sticky bottom-3 z-10 mt-5 grid gap-3 rounded-lg border border-line-strong bg-overlay p-3 shadow-overlay sm:px-4">
      <WhatIfLines whatIf={whatIf} />
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p className="text-sm text-muted">Not saved yet</p>
        <div className="flex gap-2">
          <Button onClick={onDiscard} disabled={pending}>
            Discard
          </Button>
          <Button type="submit" variant="primary" loading={pending}>
            {saveLabel}
          </Button>
        </div>
      </div>
    </div>
  )
}

/** Who gains and who loses what, a line each. */
export function WhatIfLines({ whatIf }: { whatIf: WhatIf }) {
  return (
    <div role="status" className="text-sm empty:sr-only">
      {whatIf.state === 'asking' && (
        <span className="inline-flex items-center gap-2 text-muted">
          <Spinner /> Working out who gains and who loses
        </span>
      )}
      {whatIf.state === 'refused' && <span className="text-danger-ink">{whatIf.why}</span>}
      {whatIf.state === 'told' && <EffectList effects={whatIf.effects} />}
    </div>
  )
}

function EffectList({ effects }: { effects: Effects }) {
  if (effects.lines.length === 0)
    return <span className="text-muted">Nobody gains or loses anything by this.</span>
  const loses = effects.lines.filter(({ change }) => change === 'loses').length
  return (
    <details open={effects.lines.length <= 6}>
      <summary className="cursor-pointer font-medium">
        {effects.lines.length - loses} gained, {loses} lost
        {effects.more > 0 && `, and ${effects.more} more`}
      </summary>
      <ul
        className="mt-2 grid max-h-48 gap-1 overflow-y-auto"
        tabIndex={0}
        aria-label="Who gains and who loses"
      >
        {effects.lines.map((one) => (
          <li key={effectLine(one)} className="flex items-start gap-2">
            {one.change === 'gains' ? (
              <ArrowUpRight aria-hidden className="mt-0.5 size-4 shrink-0 text-success-ink" />
            ) : (
              <ArrowDownRight aria-hidden className="mt-0.5 size-4 shrink-0 text-danger-ink" />
            )}
            {effectLine(one)}
          </li>
        ))}
      </ul>
    </details>
  )
}
