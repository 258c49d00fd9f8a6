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

/** What became of each line, in each tenant; of which tenant is said where there are several. */
export function InviteResults(props: {
  groups: readonly { name: string; lines: readonly LineResult[] }[]
  mailed: boolean
  onClose: () => void
  /** Left out: there is nothing to go back to. */
  onMore?: () => void
}) {
  const { groups, mailed, onClose, onMore } = props
  const results = groups.flatMap(({ lines }) => lines)
  const sent = results.filter(({ result }) => result === 'invited')
  const invited = new Set(sent.map(({ email }) => email.toLowerCase())).size
  const several = groups.length > 1
  const people = invited === 1 ? '1 person is invited' : `${invited} people are invited`
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={invited === 0 ? 'Nobody was invited' : people}
      description={
        invited === 0
          ? undefined
          : mailed
            ? 'Their mail is on its way.'
            : 'Without a mail server, their mail is kept in the provider’s Settings > Mail, to be passed on.'
      }
      footer={
        <>
          {onMore && sent.length < results.length && <Button onClick={onMore}>Back to the addresses</Button>}
          <Button variant="primary" onClick={onClose} data-autofocus>
            Done
          </Button>
        </>
      }
    >
      <div className="grid max-h-[50vh] gap-4 overflow-y-auto">
        {groups.map(({ name, lines }, n) => (
          <section key={n} aria-label={name}>
            {several && <h3 className="mb-1.5 text-xs font-medium text-muted">{name}</h3>}
            <Lines lines={lines} />
          </section>
        ))}
      </div>
    </Dialog>
  )
}

const Lines = ({ lines }: { lines: readonly LineResult[] }) => (
  <ul className="grid gap-2 text-sm">
    {lines.map(({ email, result, message }, i) => (
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
)
