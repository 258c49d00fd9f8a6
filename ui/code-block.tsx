import type { ReactNode } from 'react'
import { cn } from './cn'
import { CopyButton } from './copy-button'

type Props = {
  code: string
  /** A title line, e.g. "Run on the host as root". */
  title?: ReactNode
  /** What is copied, for the button's name. */
  label?: string
  /** Break long lines instead of scrolling. */
  wrap?: boolean
  className?: string
}

/** Commands or text to copy. It scrolls inside itself and can be reached by keyboard. */
export function CodeBlock({ code, title, label = 'code', wrap, className }: Props) {
  return (
    <div className={cn('min-w-0 overflow-hidden rounded-md border border-line-strong bg-subtle', className)}>
      {title && (
        <div className="flex items-center justify-between border-b border-line px-3 py-1 text-xs text-muted">
          {title}
          <CopyButton value={code} label={label} className="-mr-1.5" />
        </div>
      )}
      <div className="flex items-start">
        <pre
          tabIndex={0}
          role="region"
          aria-label={label}
          className={cn(
            'min-w-0 flex-1 overflow-x-auto px-3 py-2.5 font-mono text-xs -outline-offset-2',
            wrap && 'wrap-anywhere whitespace-pre-wrap',
          )}
        >
          {code}
        </pre>
        {!title && <CopyButton value={code} label={label} className="m-1.5" />}
      </div>
    </div>
  )
}
