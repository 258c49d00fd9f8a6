import type { ReactNode } from 'react'
import { cn } from './cn'
import { TONE_SOFT, type Tone } from './tone'

type Props = {
  tone?: Tone
  icon?: ReactNode
  mono?: boolean
  className?: string
  title?: string
  children: ReactNode
}

/** A small label: a role, a kind, a count. For something's state use `StatusDot`. */
export function Badge({ tone = 'neutral', icon, mono, className, title, children }: Props) {
  return (
    <span
      title={title}
      className={cn(
        'inline-flex h-5 max-w-full items-center gap-1 rounded-sm border px-1.5 text-2xs font-medium whitespace-nowrap [&_svg]:size-3 [&_svg]:shrink-0',
        TONE_SOFT[tone],
        mono && 'font-mono',
        className,
      )}
    >
      {icon}
      <span className="truncate">{children}</span>
    </span>
  )
}
