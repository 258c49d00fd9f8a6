'use client'
import { Check, Copy } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { copyText } from './clipboard'
import { cn } from './cn'

type Props = {
  value: string
  /** What is copied, for its name: "Copy machine id". */ label?: string
  className?: string
}

/** Copies a value and says so. */
export function CopyButton({ value, label = 'value', className }: Props) {
  const [state, setState] = useState<'idle' | 'done' | 'failed'>('idle')
  const timer = useRef(0)
  useEffect(() => () => window.clearTimeout(timer.current), [])
  const said = { idle: '', done: 'Copied', failed: 'Could not copy: select the text instead' }[state]
  return (
    <button
      type="button"
      aria-label={`Copy ${label}`}
      title={said || `Copy ${label}`}
      onClick={async (event) => {
        setState((await copyText(value, event.currentTarget)) ? 'done' : 'failed')
        window.clearTimeout(timer.current)
        timer.current = window.setTimeout(() => setState('idle'), 1600)
      }}
      className={cn(
        'inline-grid size-6 shrink-0 place-items-center rounded-sm text-faint transition-colors hover:bg-hover hover:text-fg pointer-coarse:size-9',
        className,
      )}
    >
      {state === 'done' ? (
        <Check aria-hidden className="size-3.5 text-success-ink" />
      ) : (
        <Copy aria-hidden className="size-3.5" />
      )}
      <span role="status" className="sr-only">
        {said}
      </span>
    </button>
  )
}
