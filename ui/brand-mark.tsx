import { cn } from './cn'

/** Freehold's mark: land divided into plots, one of them yours. */
export function BrandMark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true" className={cn('size-6 shrink-0', className)}>
      <rect width="24" height="24" rx="5.5" className="fill-accent" />
      <path d="M4.5 4.5h7v15h-7z" className="fill-on-accent" opacity=".38" />
      <path d="M13 4.5h6.5V10H13z" className="fill-on-accent" />
      <path d="M13 11.5h6.5v8H13z" className="fill-on-accent" opacity=".38" />
    </svg>
  )
}
