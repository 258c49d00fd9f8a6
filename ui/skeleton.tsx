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
