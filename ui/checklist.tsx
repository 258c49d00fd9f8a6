import { Check, ChevronRight } from 'lucide-react'
import { Link } from './link'
import type { ReactNode } from 'react'
import { cn } from './cn'
import { Progress } from './progress'

export type ChecklistItem = {
  id: string
  title: string
  description?: ReactNode
  done: boolean
  /** Not needed for being finished. */
  optional?: boolean
  href?: string
  /** Instead of `href`: a button. */
  action?: ReactNode
}

/** Steps of a guided set-up that can be done in any order, left, and found again. */
export function Checklist({
  items,
  title = 'Set-up',
  aside,
}: {
  items: readonly ChecklistItem[]
  title?: string
  aside?: ReactNode
}) {
  const done = items.filter((item) => item.done).length
  const next = items.find((item) => !item.done && !item.optional) ?? items.find((item) => !item.done)
  return (
    <section
      aria-label={title}
      className="overflow-hidden rounded-lg border border-line bg-surface shadow-card"
    >
      <div className="flex flex-wrap items-center gap-x-6 gap-y-2 border-b border-line px-4 py-3">
        <Progress
          label={title}
          value={done}
          max={items.length}
          text={`${done} of ${items.length} done`}
          className="min-w-48 flex-1"
        />
        {aside}
      </div>
      <ol>
        {items.map((item, index) => (
          <li
            key={item.id}
            className={cn(
              'relative flex items-center gap-3 border-b border-line px-4 py-3 last:border-b-0',
              item.href && 'transition-colors hover:bg-hover',
              item === next && 'bg-accent-soft/50',
            )}
          >
            <span
              className={cn(
                'grid size-6 shrink-0 place-items-center rounded-full border text-xs font-medium tabular-nums',
                item.done
                  ? 'border-success-line bg-success-soft text-success-ink'
                  : 'border-control text-muted',
                item === next && 'border-accent text-accent-ink',
              )}
            >
              {item.done ? <Check aria-hidden className="size-3.5" /> : <span aria-hidden>{index + 1}</span>}
            </span>
            <div className="grid min-w-0 flex-1">
              <span className="font-medium">
                {item.href ? (
                  <Link href={item.href} className="-outline-offset-2 after:absolute after:inset-0">
                    {item.title}
                  </Link>
                ) : (
                  item.title
                )}
                <span className="sr-only">{item.done ? ' (done)' : ' (to do)'}</span>
                {item.optional && !item.done && (
                  <span className="ml-2 text-xs font-normal text-muted">Optional</span>
                )}
              </span>
              {item.description && <span className="text-xs text-muted">{item.description}</span>}
            </div>
            {item.action ?? (item.href && <ChevronRight aria-hidden className="size-4 text-faint" />)}
          </li>
        ))}
      </ol>
    </section>
  )
}
