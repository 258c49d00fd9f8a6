'use client'

import { Undo2 } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState, type FormEvent } from 'react'
import { api } from '@/app/_lib/api-client'
import { MoveReview } from '@/app/(console)/_components/host-moves/review'
import { useAnswer } from '@/app/_lib/use-answer'
import { useChange } from '@/app/(console)/_components/resources/use-change'
import { consolePaths } from '@/lib/paths'
import type { HostMoveDetail } from '@/server/features/host-moves/host-moves.schema'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { SkeletonText } from '@/ui/skeleton'

interface Props extends Pick<HostMoveDetail, 'id' | 'undo'> {
  what: string
}

/** Undoes a migration after a look at what that would do. */
export function UndoMigration({ id, what, undo }: Props) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button
        icon={<Undo2 aria-hidden />}
        disabledReason={!undo.allowed && undo.reason}
        onClick={() => setOpen(true)}
      >
        Undo…
      </Button>
      {open && <UndoDialog id={id} what={what} onClose={() => setOpen(false)} />}
    </>
  )
}

function UndoDialog({ id, what, onClose }: { id: string; what: string; onClose: () => void }) {
  const router = useRouter()
  const { pending, error, run } = useChange(onClose)
  const { value: plan, problem } = useAnswer(id, (signal) =>
    api().hostMoves.undoPreview.query({ id }, { signal }),
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (pending || !plan || plan.blocked > 0) return
    const started: { taskId?: string } = {}
    void run(
      async () => {
        started.taskId = (await api().hostMoves.undo.mutate({ id })).taskId
      },
      'On the way back.',
      () => started.taskId && router.push(consolePaths('').task(started.taskId)),
    )
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Undo: ${what}`}
      description="The hosts go back to whom they came from, as they were there. All of them go, or none."
      dismissible={!pending}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            variant="primary"
            loading={pending}
            disabledReason={
              problem !== null || (plan && plan.blocked > 0) ? 'It cannot be undone' : !plan && 'One moment'
            }
          >
            Undo
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        {(error ?? problem) && <Alert tone="danger">{error ?? problem}</Alert>}
        {plan ? (
          <MoveReview
            {...plan}
            kept="It cannot be undone"
            more={{ title: 'What does not come back, and what ends', lines: plan.lost }}
          />
        ) : (
          !problem && <SkeletonText lines={4} />
        )}
      </div>
    </Dialog>
  )
}
