import type { ReactNode } from 'react'
import { cn } from './cn'

export type Status = 'live' | 'offline' | 'pending' | 'unknown' | 'warning' | 'disabled'

const LABEL: Record<Status, string> = {
  live: 'Live',
  offline: 'Offline',
  pending: 'Pending',
  unknown: 'Unknown',
  warning: 'Warning',
  disabled: 'Disabled',
}

/** Each state has a shape of its own, so colour is never the only sign. */
function Mark({ status, pulse }: { status: Status; pulse: boolean }) {
  const svg = (className: string, shape: ReactNode) => (
    <svg viewBox="0 0 10 10" aria-hidden="true" className={cn('size-2.5 overflow-visible', className)}>
      {shape}
    </svg>
  )
  if (status === 'live') {
    return svg(
      'text-success',
      <>
        {pulse && <circle cx="5" cy="5" r="4" fill="currentColor" className="origin-center animate-halo" />}
        <circle cx="5" cy="5" r="4" fill="currentColor" />
      </>,
    )
  }
  if (status === 'offline') {
    return svg('text-danger-mark', <rect x="1" y="1" width="8" height="8" rx="1.5" fill="currentColor" />)
  }
  if (status === 'warning') return svg('text-warning', <path d="M5 .6 9.8 9.2H.2Z" fill="currentColor" />)
  if (status === 'pending') {
    return svg(
      'text-info',
      <>
        <circle cx="5" cy="5" r="4" fill="none" stroke="currentColor" strokeWidth="1.5" />
        <path d="M5 1a4 4 0 0 1 0 8Z" fill="currentColor" />
      </>,
    )
  }
  if (status === 'disabled') {
    return svg(
      'text-faint',
      <>
        <circle cx="5" cy="5" r="4" fill="none" stroke="currentColor" strokeWidth="1.5" />
        <path d="M2.4 7.6 7.6 2.4" stroke="currentColor" strokeWidth="1.5" />
      </>,
    )
  }
  return svg(
    'text-faint',
    <circle
      cx="5"
      cy="5"
      r="4"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeDasharray="2 1.6"
    />,
  )
}

type Props = {
  status: Status
  /** Other words than the default. */ label?: ReactNode
  pulse?: boolean
  className?: string
}

/** The state of a host, a tenant, a job: shape, colour and text. */
export function StatusDot({ status, label, pulse = false, className }: Props) {
  return (
    <span className={cn('inline-flex items-center gap-2 whitespace-nowrap', className)}>
      <Mark status={status} pulse={pulse} />
      <span className={status === 'disabled' || status === 'unknown' ? 'text-muted' : undefined}>
        {label ?? LABEL[status]}
      </span>
    </span>
  )
}
