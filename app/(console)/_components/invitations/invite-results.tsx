'use client'

import type { LineResult } from '@/server/features/invitations/invitations.schema'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import type { Tone } from '@/ui/tone'

const TONES: Record<LineResult['result'], Tone> = {
  invited: 'success',
  member: 'info',
  pending: 'info',
  refused: 'danger',
}
const WORDS: Record<LineResult['result'], string> = {
  invited: 'Invited',
  member: 'There already',
  pending: 'Invited before',
  refused: 'Not invited',
}

/** What became of each line. */
export function InviteResults(props: {
  results: readonly LineResult[]
  mailed: boolean
  onClose: () => void
  onMore: () => void
}) {
  const { results, mailed, onClose, onMore } = props
  const invited = results.filter(({ result }) => result === 'invited').length
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={
        invited === 0
          ? 'Nobody was invited'
          : invited === 1
            ? '1 person is invited'
            : `${invited} people are invited`
      }
      description={
        invited === 0
          ? undefined
          : mailed
            ? 'Their mail is on its way.'
            : 'There is no mail server yet: the provider finds their mail under Settings > Mail, and passes it on.'
      }
      footer={
        <>
          {invited < results.length && <Button onClick={onMore}>Back to the addresses</Button>}
          <Button variant="primary" onClick={onClose} data-autofocus>
            Done
          </Button>
        </>
      }
    >
      <ul className="grid max-h-[50vh] gap-2 overflow-y-auto text-sm">
        {results.map(({ email, result, message }, i) => (
          <li
            key={i}
            className="flex flex-wrap items-baseline justify-between gap-x-3 border-b border-line pb-2 last:border-0"
          >
            <span className="min-w-0 wrap-anywhere">{email}</span>
            <Badge tone={TONES[result]}>{WORDS[result]}</Badge>
            {result !== 'invited' && <span className="basis-full text-xs text-muted">{message}</span>}
          </li>
        ))}
      </ul>
    </Dialog>
  )
}
