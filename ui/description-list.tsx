import type { ReactNode } from 'react'
import { cn } from './cn'
import { CopyButton } from './copy-button'

export type Fact = {
  label: string
  /** Null, undefined and '' show as a dash. */
  value: ReactNode
  /** Text for a copy button. */
  copy?: string | null
  mono?: boolean
}

const COLUMNS = { 1: '', 2: 'sm:grid-cols-2', 3: 'sm:grid-cols-2 xl:grid-cols-3' }

/** Facts about one thing. */
export function DescriptionList({
  items,
  columns = 1,
  className,
}: {
  items: readonly Fact[]
  columns?: 1 | 2 | 3
  className?: string
}) {
  return (
    <dl className={cn('grid gap-x-8 gap-y-0', COLUMNS[columns], className)}>
      {items.map((item) => {
        const empty = item.value === null || item.value === undefined || item.value === ''
        return (
          <div
            key={item.label}
            className="group grid min-h-9 grid-cols-[minmax(6.5rem,2fr)_minmax(0,5fr)] items-center gap-x-4 border-b border-line py-1.5 last:border-b-0"
          >
            <dt className="text-muted">{item.label}</dt>
            <dd className="flex min-w-0 items-center gap-1">
              <span
                className={cn(
                  'min-w-0 wrap-anywhere tabular-nums',
                  item.mono && !empty && 'font-mono text-xs',
                )}
              >
                {empty ? (
                  <>
                    <span aria-hidden className="text-faint">
                      –
                    </span>
                    <span className="sr-only">none</span>
                  </>
                ) : (
                  item.value
                )}
              </span>
              {item.copy && (
                <CopyButton
                  value={item.copy}
                  label={item.label}
                  className="opacity-0 group-hover:opacity-100 focus-visible:opacity-100 pointer-coarse:opacity-100"
                />
              )}
            </dd>
          </div>
        )
      })}
    </dl>
  )
}
