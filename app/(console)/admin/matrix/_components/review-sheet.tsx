'use client'

import { useEffect, useState } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import type { Problem } from '@/server/features/matrix/matrix.schema'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Sheet } from '@/ui/sheet'
import { SkeletonText } from '@/ui/skeleton'
import { type Pending, sizeOf } from './use-matrix-edit'

interface Props {
  pending: Pending
  onClose: () => void
  onChange: (next: Pending) => void
  onDone: (done: { id: string; changed: number }) => void
}

/** What is sent: without the names that are there for people. */
const inputOf = ({ cells, rows }: Pending) => ({
  cells: [...cells.values()].map(({ resourceId, tenantId, from, to }) => ({
    resourceId,
    tenantId,
    from,
    to,
  })),
  rows: [...rows.values()].map(({ resourceId, to }) => ({ resourceId, to })),
})

function without(pending: Pending, problems: readonly Problem[]): Pending {
  const cells = new Map(pending.cells)
  const rows = new Map(pending.rows)
  for (const { resourceId, tenantId } of problems) {
    if (tenantId !== null) cells.delete(`${resourceId} ${tenantId}`)
    else {
      rows.delete(resourceId)
      for (const [pair, cell] of cells) if (cell.resourceId === resourceId) cells.delete(pair)
    }
  }
  return { cells, rows }
}

type Answer = { lines: string[]; problems: Problem[] } | { error: string }
const NOTHING_LEFT: Answer = { lines: [], problems: [] }

/** Asks what would come of the changes, whenever they change. */
function useReview(pending: Pending) {
  const [answer, setAnswer] = useState<{ of: Pending; is: Answer } | null>(null)
  useEffect(() => {
    if (sizeOf(pending) === 0) return
    const controller = new AbortController()
    api()
      .matrix.preview.query(inputOf(pending), { signal: controller.signal })
      .then(
        (is) => setAnswer({ of: pending, is }),
        (error: unknown) => {
          if (!controller.signal.aborted) setAnswer({ of: pending, is: { error: problemOf(error).message } })
        },
      )
    return () => controller.abort()
  }, [pending])
  if (sizeOf(pending) === 0) return NOTHING_LEFT
  return answer?.of === pending ? answer.is : null
}

/** Before anything is changed: who gains and who loses what, and what stands in the way. */
export function ReviewSheet({ pending, onClose, onChange, onDone }: Props) {
  const review = useReview(pending)
  const [saving, setSaving] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const problems = review && 'problems' in review ? review.problems : []
  const apply = async () => {
    setSaving(true)
    setError(null)
    try {
      onDone(await api().matrix.change.mutate(inputOf(pending)))
    } catch (problem) {
      setError(problemOf(problem).message)
      setSaving(false)
    }
  }
  const size = sizeOf(pending)
  const blocked =
    size === 0
      ? 'Nothing is left to change'
      : !review
        ? 'One moment'
        : problems.length > 0 && 'Some changes cannot be made'
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      dismissible={!saving}
      title="Review changes"
      description={`${size} ${size === 1 ? 'change' : 'changes'}: all of them are made, or none. It can be undone for 7 days.`}
      footer={
        <>
          <Button onClick={onClose}>Back</Button>
          <Button variant="primary" loading={saving} disabledReason={blocked} onClick={() => void apply()}>
            Apply
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        {error && <Alert tone="danger">{error}</Alert>}
        {review === null && <SkeletonText lines={4} />}
        {review && 'error' in review && <Alert tone="danger">{review.error}</Alert>}
        {problems.length > 0 && (
          <Problems
            pending={pending}
            problems={problems}
            onLeaveOut={() => onChange(without(pending, problems))}
          />
        )}
        {review && 'lines' in review && problems.length === 0 && <Lines lines={review.lines} />}
      </div>
    </Sheet>
  )
}

const SHOWN = 100

/** Who gains and who loses what, a line each. */
export function Lines({ lines }: { lines: readonly string[] }) {
  if (lines.length === 0) return <p className="text-sm text-muted">Nobody gains or loses anything.</p>
  return (
    <ul aria-label="What will change" className="grid gap-1.5 text-sm">
      {lines.slice(0, SHOWN).map((line, index) => (
        <li key={index} className="rounded-md border border-line bg-subtle px-3 py-2 wrap-anywhere">
          {line}
        </li>
      ))}
      {lines.length > SHOWN && <li className="text-muted">and {lines.length - SHOWN} more</li>}
    </ul>
  )
}

interface ProblemsProps {
  pending: Pending
  problems: readonly Problem[]
  onLeaveOut: () => void
}

function Problems({ pending, problems, onLeaveOut }: ProblemsProps) {
  const nameOf = ({ resourceId, tenantId }: Problem) => {
    const cell = pending.cells.get(`${resourceId} ${tenantId ?? ''}`)
    if (cell) return `${cell.resource}, ${cell.tenant}`
    const row = pending.rows.get(resourceId)
    return row?.resource ?? [...pending.cells.values()].find((one) => one.resourceId === resourceId)?.resource
  }
  return (
    <Alert
      tone="warning"
      title={
        problems.length === 1 ? 'One change cannot be made' : `${problems.length} changes cannot be made`
      }
      action={
        <Button size="sm" onClick={onLeaveOut}>
          Leave {problems.length === 1 ? 'it' : 'them'} out
        </Button>
      }
    >
      <ul className="grid list-disc gap-1 pl-4">
        {problems.slice(0, SHOWN).map((problem) => (
          <li key={`${problem.resourceId} ${problem.tenantId ?? ''}`}>
            {nameOf(problem)}: {problem.reason}
          </li>
        ))}
        {problems.length > SHOWN && <li>and {problems.length - SHOWN} more</li>}
      </ul>
    </Alert>
  )
}
