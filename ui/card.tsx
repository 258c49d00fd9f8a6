import type { ReactNode } from 'react'
import { cn } from './cn'

type CardProps = {
  title?: ReactNode
  description?: ReactNode
  actions?: ReactNode
  footer?: ReactNode
  /** False for content that brings its own edges: a table, a list. */
  padded?: boolean
  className?: string
  children?: ReactNode
}

/** A bordered panel with optional header and footer. */
export function Card({ title, description, actions, footer, padded = true, className, children }: CardProps) {
  return (
    <section className={cn('min-w-0 rounded-lg border border-line bg-surface shadow-card', className)}>
      {(title || actions) && (
        <header className="flex min-h-12 flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b border-line px-4 py-2.5">
          <div className="grid min-w-0 gap-0.5">
            {title && <h2 className="text-sm font-semibold">{title}</h2>}
            {description && <p className="text-xs text-muted">{description}</p>}
          </div>
          {actions && <div className="flex items-center gap-2">{actions}</div>}
        </header>
      )}
      {children && <div className={padded ? 'p-4' : undefined}>{children}</div>}
      {footer && (
        <footer className="flex flex-wrap items-center justify-between gap-3 rounded-b-lg border-t border-line bg-subtle px-4 py-2.5 text-xs text-muted">
          {footer}
        </footer>
      )}
    </section>
  )
}

type StatProps = { label: ReactNode; value: ReactNode; detail?: ReactNode; className?: string }

/** One number with its name. */
export function Stat({ label, value, detail, className }: StatProps) {
  return (
    <div
      className={cn(
        'grid min-w-0 content-start gap-1 rounded-lg border border-line bg-surface px-4 py-3 shadow-card',
        className,
      )}
    >
      <div className="text-xs text-muted">{label}</div>
      <div className="truncate text-xl font-semibold tracking-tight tabular-nums">{value}</div>
      {detail && <div className="text-xs text-muted">{detail}</div>}
    </div>
  )
}
