import { Alert } from '@/ui/alert'

const SHOWN = 20

function Lines({ lines, total = lines.length }: { lines: readonly string[]; total?: number }) {
  const shown = lines.slice(0, SHOWN)
  return (
    <ul className="grid list-disc gap-1 pl-4 wrap-anywhere">
      {shown.map((line, index) => (
        <li key={index}>{line}</li>
      ))}
      {total > shown.length && <li className="text-muted">and {total - shown.length} more</li>}
    </ul>
  )
}

interface Props {
  blockers: readonly string[]
  blocked: number
  /** What it says above them. */
  kept: string
  lines: readonly string[]
  more: { title: string; lines: readonly string[] }
}

/** Before a migration or its undoing: what keeps it, who gains and who loses what, and what else there is to know. */
export function MoveReview({ blockers, blocked, kept, lines, more }: Props) {
  return (
    <div role="status" className="grid gap-3 text-sm">
      {blocked > 0 && (
        <Alert tone="danger" title={kept}>
          <Lines lines={blockers} total={blocked} />
        </Alert>
      )}
      {lines.length > 0 && (
        <div className="grid gap-1.5 rounded-md border border-line bg-subtle px-3 py-2.5">
          <p className="font-medium">What will change</p>
          <Lines lines={lines} />
        </div>
      )}
      {more.lines.length > 0 && (
        <div className="grid gap-1.5">
          <p className="font-medium">{more.title}</p>
          <div className="text-muted">
            <Lines lines={more.lines} />
          </div>
        </div>
      )}
    </div>
  )
}
