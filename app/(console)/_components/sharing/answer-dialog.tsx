'use client'

import { api } from '@/app/_lib/api-client'
import { useChange } from '@/app/(console)/_components/resources/use-change'
import type { IncomingRow } from '@/server/features/grants/grants.schema'
import { ConfirmDialog } from '@/ui/confirm-dialog'

export type Answer = 'accept' | 'decline' | 'leave'

const WORDS = {
  accept: { verb: 'Accept', done: 'Accepted.', tone: 'default' },
  decline: { verb: 'Decline', done: 'Declined.', tone: 'danger' },
  leave: { verb: 'Leave', done: 'Left.', tone: 'danger' },
} as const

const ABOUT = {
  accept: ({ role }: IncomingRow) =>
    `Those of this tenant whose roles allow it see it from now on, as ${role} at most.`,
  decline: ({ from }: IncomingRow) => `${from} is told so in its audit log, and may offer it again.`,
  leave: ({ from }: IncomingRow) =>
    `All of this tenant lose sight of it at once. Only ${from === 'Your provider' ? 'your provider' : from} can share it again.`,
}

/** Asks once more before a share is accepted, declined or left. */
export function AnswerDialog({
  row,
  answer,
  onClose,
}: {
  row: IncomingRow
  answer: Answer
  onClose: () => void
}) {
  const { pending, error, run } = useChange(onClose)
  const { verb, done, tone } = WORDS[answer]
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={`${verb} ${row.name}?`}
      description={ABOUT[answer](row)}
      tone={tone}
      confirmLabel={verb}
      pending={pending}
      error={error}
      onConfirm={() => void run(() => api().grants[answer].mutate({ id: row.id }), done)}
    />
  )
}
