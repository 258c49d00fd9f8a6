import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { cn } from './cn'
import { TONE_SOFT } from './tone'

export type AlertTone = 'info' | 'success' | 'warning' | 'danger'

const ICON = { info: Info, success: CircleCheck, warning: TriangleAlert, danger: CircleAlert }

type Props = {
  tone?: AlertTone
  title?: ReactNode
  /** Buttons or links at the end. */
  action?: ReactNode
  className?: string
  children?: ReactNode
}

/** A message inside a page or form. A danger alert is announced when it appears. */
export function Alert({ tone = 'info', title, action, className, children }: Props) {
  const Icon = ICON[tone]
  return (
    <div
      role={tone === 'danger' ? 'alert' : undefined}
      className={cn(
        'flex flex-wrap items-start gap-x-3 gap-y-2 rounded-md border px-3 py-2.5 text-sm',
        TONE_SOFT[tone],
        className,
      )}
    >
      <div className="flex min-w-0 flex-1 basis-64 gap-2.5">
        <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
        <div className="grid min-w-0 gap-0.5">
          {title && <p className="font-medium">{title}</p>}
          {children && <div className="text-fg wrap-anywhere">{children}</div>}
        </div>
      </div>
      {action && <div className="flex shrink-0 items-center gap-2 max-sm:ml-6">{action}</div>}
    </div>
  )
}

const BANNER = {
  info: 'border-info-line bg-info-soft text-info-ink',
  success: TONE_SOFT.success,
  warning: 'border-warning-line bg-warning-soft text-warning-ink',
  danger: 'border-transparent bg-danger text-white',
}

/** A line over the whole width, above everything: licence, impersonation, maintenance. */
export function Banner({ tone = 'info', action, children }: Omit<Props, 'title' | 'className'>) {
  const Icon = ICON[tone]
  return (
    <section
      aria-label="Notice"
      className={cn(
        'flex min-h-9 flex-wrap items-center justify-center gap-x-4 gap-y-1 border-b px-4 py-1.5 text-center text-sm',
        BANNER[tone],
      )}
    >
      <span className="flex items-center gap-2 text-left">
        <Icon aria-hidden className="size-4 shrink-0" />
        <span>{children}</span>
      </span>
      {action}
    </section>
  )
}
