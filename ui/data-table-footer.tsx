'use client'
import { ChevronLeft, ChevronRight } from 'lucide-react'
import { Button } from './button'
import type { BulkAction, PageInfo } from './data-table-types'
import { IconButton } from './icon-button'

const number = new Intl.NumberFormat('en')

/** "1–50 of 1,284", "1–50 of 10,000+", "1–50". */
export function rangeText({
  from,
  to,
  total,
  totalCapped,
}: Pick<PageInfo, 'from' | 'to' | 'total' | 'totalCapped'>): string {
  const range = to === 0 ? '0' : `${number.format(from)}–${number.format(to)}`
  return total === undefined ? range : `${range} of ${number.format(total)}${totalCapped ? '+' : ''}`
}

/** The row below the table. */
export function DataTableFooter({ page, loading }: { page: PageInfo; loading: boolean }) {
  return (
    <div className="flex items-center justify-between gap-3 text-xs text-muted">
      <p role="status" className="tabular-nums">
        {rangeText(page)}
      </p>
      <div className="flex items-center gap-1">
        <IconButton
          size="icon-sm"
          variant="secondary"
          label="Previous page"
          tooltip={false}
          icon={<ChevronLeft aria-hidden />}
          disabled={!page.hasPrev || loading}
          onClick={page.onPrev}
        />
        <IconButton
          size="icon-sm"
          variant="secondary"
          label="Next page"
          tooltip={false}
          icon={<ChevronRight aria-hidden />}
          disabled={!page.hasNext || loading}
          onClick={page.onNext}
        />
      </div>
    </div>
  )
}

type BulkBarProps = { ids: readonly string[]; actions: readonly BulkAction[]; onClear: () => void }

/** What can be done with the selected rows; floats at the lower edge of the screen. */
export function BulkBar({ ids, actions, onClear }: BulkBarProps) {
  return (
    <div className="pointer-events-none sticky bottom-4 z-20 flex justify-center">
      <section
        aria-label="Selected rows"
        className="pointer-events-auto flex max-w-full animate-enter flex-wrap items-center gap-2 rounded-lg bg-overlay py-1.5 pr-1.5 pl-3.5 shadow-overlay"
      >
        <p role="status" className="mr-2 text-sm font-medium tabular-nums">
          {ids.length} selected
        </p>
        {actions.map((action) => (
          <Button
            key={action.label}
            size="sm"
            icon={action.icon}
            variant={action.tone === 'danger' ? 'danger-outline' : 'secondary'}
            disabledReason={action.disabledReason?.(ids)}
            onClick={() => action.onSelect(ids, onClear)}
          >
            {action.label}
          </Button>
        ))}
        <Button size="sm" variant="ghost" onClick={onClear}>
          Clear
        </Button>
      </section>
    </div>
  )
}
