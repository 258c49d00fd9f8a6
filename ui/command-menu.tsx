'use client'
import { Search } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useEffect, useState, useSyncExternalStore } from 'react'
import type { CommandPaletteProps } from './command-palette'
import { Kbd } from './kbd'

const load = () => import('./command-palette').then((module) => module.CommandPalette)
const CommandPalette = dynamic(load, { ssr: false })
/** Fetched when the pointer, focus or the modifier key announces it, so that it is there for the first letter. */
const warm = () => void load().catch(() => undefined)

const never = () => () => undefined
const onMac = () => /Mac|iPhone|iPad/.test(navigator.userAgent)

type Props = Omit<CommandPaletteProps, 'open' | 'onOpenChange'> & { label?: string }

/** The search button of the header with ⌘K / Ctrl+K. The palette itself is loaded on first use. */
export function CommandMenu({ label = 'Search', ...rest }: Props) {
  const [open, setOpen] = useState(false)
  const [used, setUsed] = useState(false)
  const mac = useSyncExternalStore(never, onMac, () => false)
  const change = (next: boolean) => {
    setUsed(true)
    setOpen(next)
  }
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Control' || event.key === 'Meta') warm()
      if (
        event.key.toLowerCase() !== 'k' ||
        !(event.metaKey || event.ctrlKey) ||
        event.shiftKey ||
        event.altKey
      )
        return
      event.preventDefault()
      setUsed(true)
      setOpen((value) => !value)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
  return (
    <>
      <button
        type="button"
        aria-haspopup="dialog"
        aria-keyshortcuts="Control+K Meta+K"
        onClick={() => change(true)}
        onPointerEnter={warm}
        onFocus={warm}
        className="flex h-8 items-center gap-2 rounded-md border border-line-strong bg-surface px-2 text-sm text-muted shadow-card transition-colors hover:border-control hover:text-fg max-sm:w-8 max-sm:justify-center max-sm:border-transparent max-sm:bg-transparent max-sm:shadow-none sm:w-52 pointer-coarse:h-10 pointer-coarse:max-sm:w-10"
      >
        <Search aria-hidden className="size-4 shrink-0 sm:size-3.5" />
        <span className="flex-1 text-left max-sm:sr-only">{label}…</span>
        <Kbd className="max-sm:hidden">{mac ? '⌘K' : 'Ctrl K'}</Kbd>
      </button>
      {used && <CommandPalette {...rest} open={open} onOpenChange={change} />}
    </>
  )
}
