import type { ReactNode } from 'react'
import { cn } from './cn'

const FILL = {
  accent: 'text-accent',
  success: 'text-success',
  warning: 'text-warning',
  danger: 'text-danger-mark',
}
type FillTone = keyof typeof FILL

/** A bar drawn as SVG: its length is an attribute, not a style, so a strict style-src holds. */
function Bar({ share, tone }: { share: number; tone: FillTone }) {
  return (
    <svg
      viewBox="0 0 100 6"
      preserveAspectRatio="none"
      aria-hidden="true"
      className="h-1.5 w-full rounded-full bg-active"
    >
      <rect
        width={share * 100}
        height="6"
        fill="currentColor"
        className={cn('transition-[width] duration-300', FILL[tone])}
      />
    </svg>
  )
}

const shareOf = (value: number, max: number) => (max > 0 ? Math.min(1, Math.max(0, value / max)) : 0)

type ProgressProps = {
  label: string
  /** Unset: under way, length unknown. */
  value?: number
  max?: number
  /** The words for it, e.g. "3 of 12 hosts". */
  text?: ReactNode
  tone?: FillTone
  hideLabel?: boolean
  className?: string
}

/** How far work has come. */
export function Progress({
  label,
  value,
  max = 100,
  text,
  tone = 'accent',
  hideLabel,
  className,
}: ProgressProps) {
  const known = value !== undefined
  const percent = known ? Math.round(shareOf(value, max) * 100) : undefined
  return (
    <div className={cn('grid gap-1.5', className)}>
      <div className={cn('flex justify-between gap-3 text-xs', hideLabel && 'sr-only')}>
        <span>{label}</span>
        <span className="text-muted tabular-nums">{text ?? (known ? `${percent} %` : 'Working…')}</span>
      </div>
      <div
        role="progressbar"
        aria-label={label}
        aria-valuenow={percent}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuetext={typeof text === 'string' ? text : undefined}
      >
        {known ? (
          <Bar share={shareOf(value, max)} tone={tone} />
        ) : (
          <div className="h-1.5 overflow-hidden rounded-full bg-active">
            <div className="h-full w-1/4 animate-slide rounded-full bg-accent" />
          </div>
        )}
      </div>
    </div>
  )
}

type MeterProps = {
  label: ReactNode
  value: number
  max: number
  /** The words for it, e.g. "3.1 of 8 GiB". */
  text: string
  /** Shares from which it turns amber and red. */
  warnAt?: number
  dangerAt?: number
  className?: string
}

/** How full something is: memory, disk, a licence's hosts. */
export function Meter({ label, value, max, text, warnAt = 0.8, dangerAt = 0.93, className }: MeterProps) {
  const share = shareOf(value, max)
  const tone = share >= dangerAt ? 'danger' : share >= warnAt ? 'warning' : 'accent'
  const filling = { danger: 'almost full', warning: 'filling up', accent: '' }[tone]
  const note = value > max ? 'over the limit' : max > 0 && value === max ? 'full' : filling
  return (
    <div className={cn('grid gap-1.5', className)}>
      <div className="flex justify-between gap-3 text-xs">
        <span>{label}</span>
        <span className="text-muted tabular-nums">
          {text}
          {note && (
            <span className={tone === 'danger' ? 'text-danger-ink' : 'text-warning-ink'}> · {note}</span>
          )}
        </span>
      </div>
      <Bar share={share} tone={tone} />
    </div>
  )
}
