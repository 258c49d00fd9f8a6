import type { ReactNode } from 'react'
import { cn } from './cn'

/** A key. */
export function Kbd({ className, children }: { className?: string; children: ReactNode }) {
  return (
    <kbd
      className={cn(
        'inline-grid h-[18px] min-w-[18px] place-items-center rounded-sm border border-line-strong bg-subtle px-1 font-sans text-2xs text-muted',
        className,
      )}
    >
      {children}
    </kbd>
  )
}
