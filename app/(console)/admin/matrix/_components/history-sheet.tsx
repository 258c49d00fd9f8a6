'use client'

import { useEffect, useState } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import type { MatrixHistoryRow } from '@/server/features/matrix/matrix.schema'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { RelativeTime } from '@/ui/relative-time'
import { Sheet } from '@/ui/sheet'
import { SkeletonText } from '@/ui/skeleton'
import { Lines } from './review-sheet'

interface Props {
  onClose: () => void
  onUndone: () => void
}

/** Changes of the last 7 days. One is undone after a look at what that would do. */
export function HistorySheet({ onClose, onUndone }: Props) {
  const [list, setList] = useState<MatrixHistoryRow[] | null>(null)
  const [error, setError] = useState<string | null>(null)
  const [chosen, setChosen] = useState<MatrixHistoryRow | null>(null)
  useEffect(() => {
    api()
      .matrix.history.query({ limit: 100 })
      .then(
        ({ rows }) => setList(rows),
        (problem: unknown) => setError(problemOf(problem).message),
      )
  }, [])
  if (chosen) return <UndoSheet change={chosen} onClose={() => setChosen(null)} onUndone={onUndone} />
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title="Changes of the last 7 days"
      description="Each can be undone as long as nothing that it changed was changed again."
      footer={<Button onClick={onClose}>Close</Button>}
    >
      {error && <Alert tone="danger">{error}</Alert>}
      {!error && list === null && <SkeletonText lines={4} />}
      {list?.length === 0 && (
        <p className="text-sm text-muted">Nothing was changed here in the last 7 days.</p>
      )}
      <ul className="grid gap-3">
        {list?.map((change) => (
          <li key={change.id} className="grid gap-2 rounded-md border border-line p-3 text-sm">
            <div className="flex flex-wrap items-center justify-between gap-2">
              <span>
                <span className="font-medium">
                  {change.changed} {change.changed === 1 ? 'change' : 'changes'}
                </span>{' '}
                <span className="text-muted">
                  by {change.createdBy}, <RelativeTime date={change.createdAt} />
                </span>
              </span>
              {change.undoneAt ? (
                <span className="text-xs text-muted">Undone by {change.undoneBy}</span>
              ) : (
                <Button size="sm" onClick={() => setChosen(change)}>
                  Undo…
                </Button>
              )}
            </div>
            <ul className="grid gap-0.5 text-xs text-muted">
              {change.lines.slice(0, 3).map((line, index) => (
                <li key={index} className="wrap-anywhere">
                  {line}
                </li>
              ))}
              {change.lines.length > 3 && <li>and {change.lines.length - 3} more</li>}
            </ul>
          </li>
        ))}
      </ul>
    </Sheet>
  )
}

interface UndoProps {
  change: Pick<MatrixHistoryRow, 'id' | 'changed'>
  onClose: () => void
  onUndone: () => void
}

/** What undoing a change would do; and doing it. */
export function UndoSheet({ change, onClose, onUndone }: UndoProps) {
  const [lines, setLines] = useState<string[] | null>(null)
  const [error, setError] = useState<string | null>(null)
  const [saving, setSaving] = useState(false)
  const fail = (problem: unknown) => setError(problemOf(problem).message)
  useEffect(() => {
    api()
      .matrix.undoPreview.query({ id: change.id })
      .then(
        (answer) => setLines(answer.lines),
        (problem: unknown) => setError(problemOf(problem).message),
      )
  }, [change.id])
  const undo = async () => {
    setSaving(true)
    try {
      await api().matrix.undo.mutate({ id: change.id })
      onUndone()
    } catch (problem) {
      fail(problem)
      setSaving(false)
    }
  }
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      dismissible={!saving}
      title="Undo this change"
      description="Everything that it changed is as it was before, or nothing."
      footer={
        <>
          <Button onClick={onClose}>Back</Button>
          <Button
            variant="primary"
            loading={saving}
            disabledReason={error ? 'It cannot be undone' : lines === null && 'One moment'}
            onClick={() => void undo()}
          >
            Undo
          </Button>
        </>
      }
    >
      {error && <Alert tone="danger">{error}</Alert>}
      {!error && (lines ? <Lines lines={lines} /> : <SkeletonText lines={3} />)}
    </Sheet>
  )
}
