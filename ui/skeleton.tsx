import { cn } from './cn'

/** A grey stand-in for something that is coming. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cn('animate-pulse rounded-sm bg-active', className)} />
}

const WIDTHS = ['w-11/12', 'w-4/5', 'w-full', 'w-2/3', 'w-5/6']

/** Lines of text. */
export function SkeletonText({ lines = 3, className }: { lines?: number; className?: string }) {
  return (
    <div className={cn('grid gap-2', className)}>
      {Array.from({ length: lines }, (_, i) => (
        <Skeleton key={i} className={cn('h-3', WIDTHS[i % WIDTHS.length])} />
      ))}
    </div>
  )
}

/** A table with its toolbar. */
export function SkeletonTable({ rows = 8 }: { rows?: number }) {
  return (
    <div className="grid gap-3">
      <div className="flex gap-2">
        <Skeleton className="h-8 w-64 rounded-md" />
        <Skeleton className="h-8 w-24 rounded-md" />
      </div>
      <div className="overflow-hidden rounded-lg border border-line bg-surface">
        <div className="h-9 border-b border-line bg-subtle" />
        {Array.from({ length: rows }, (_, i) => (
          <div key={i} className="flex h-11 items-center gap-6 border-b border-line px-3 last:border-b-0">
            <Skeleton className={cn('h-3', i % 2 ? 'w-44' : 'w-36')} />
            <Skeleton className="h-3 w-20" />
            <Skeleton className="ml-auto h-3 w-24" />
          </div>
        ))}
      </div>
    </div>
  )
}

/** A whole page for `loading.tsx`: header and table (or cards). Says "Loading" to screen readers. */
export function PageSkeleton({ cards = false }: { cards?: boolean }) {
  return (
    <div role="status" aria-label="Loading" className="grid gap-6">
      <div className="grid gap-2.5">
        <Skeleton className="h-6 w-52" />
        <Skeleton className="h-3 w-80 max-w-full" />
      </div>
      {cards ? (
        <div className="grid gap-4 sm:grid-cols-2">
          {[0, 1, 2, 3].map((i) => (
            <div key={i} className="rounded-lg border border-line bg-surface p-4">
              <SkeletonText lines={4} />
            </div>
          ))}
        </div>
      ) : (
        <SkeletonTable />
      )}
    </div>
  )
}
