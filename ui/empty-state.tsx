import type { ReactNode } from 'react'
import { cn } from './cn'

type Props = {
  icon?: ReactNode
  title: ReactNode
  /** Why it is empty and what to do. */
  children?: ReactNode
  action?: ReactNode
  /** Without the dashed frame, inside a table or card. */
  bare?: boolean
  className?: string
}

/** Why there is nothing here and what to do about it. */
export function EmptyState({ icon, title, children, action, bare, className }: Props) {
  return (
    <div
      className={cn(
        'grid justify-items-center gap-3 px-6 py-12 text-center',
        !bare && 'rounded-lg border border-dashed border-line-strong',
        className,
      )}
    >
      {icon && (
        <div
          aria-hidden
          className="grid size-10 place-items-center rounded-lg border border-line-strong bg-surface text-accent-ink shadow-card [&_svg]:size-5"
        >
          {icon}
        </div>
      )}
      <div className="grid max-w-md gap-1">
        <p className="text-base font-semibold tracking-tight">{title}</p>
        {children && <div className="text-sm text-balance text-muted">{children}</div>}
      </div>
      {action && <div className="mt-1 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  )
}
