'use client'
import { Command } from 'cmdk'
import { Search } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useEffect, useState, type ReactNode } from 'react'
import { Kbd } from './kbd'
import { Modal } from './modal'
import { Spinner } from './spinner'

export type CommandItem = {
  id: string
  label: string
  icon?: ReactNode
  /** Grey text at the end: where it is, what kind. */
  hint?: string
  keywords?: string[]
  /** Opens a page; on another host the document is loaded anew. */
  href?: string
  onSelect?: () => void
}
export type CommandGroup = { heading: string; items: readonly CommandItem[] }

export type CommandPaletteProps = {
  open: boolean
  onOpenChange: (open: boolean) => void
  groups: readonly CommandGroup[]
  /** Asks the server, 150 ms after the last key; what it returns is shown below the static groups. */
  search?: (query: string, signal: AbortSignal) => Promise<readonly CommandGroup[]>
  placeholder?: string
}

/** The command palette. Heavy (cmdk): load it through `CommandMenu`, which does so on first use. */
export function CommandPalette({
  open,
  onOpenChange,
  groups,
  search,
  placeholder = 'Go to or search…',
}: CommandPaletteProps) {
  const [query, setQuery] = useState('')
  const { found, busy } = useRemote(search, open ? query : '')
  const router = useRouter()
  const choose = (item: CommandItem) => {
    setQuery('')
    onOpenChange(false)
    item.onSelect?.()
    if (item.href?.startsWith('/')) router.push(item.href)
    else if (item.href) window.location.assign(item.href)
  }
  return (
    <Modal
      open={open}
      onOpenChange={(next) => {
        setQuery('')
        onOpenChange(next)
      }}
      title="Command palette"
      hideHeader
      className="top-[max(0.75rem,12vh)] left-1/2 max-h-[min(28rem,76vh)] w-[min(38rem,calc(100vw-1.5rem))] -translate-x-1/2 rounded-xl open:animate-enter"
    >
      {/* Filtered here: cmdk neither counts nor selects what it is told to show unfiltered, such as the server's answers. */}
      <Command label="Command palette" loop shouldFilter={false} className="flex max-h-[inherit] flex-col">
        <div className="sticky top-0 z-10 flex items-center gap-2.5 border-b border-line bg-overlay px-4">
          {busy ? (
            <Spinner className="text-accent-ink" />
          ) : (
            <Search aria-hidden className="size-4 text-muted" />
          )}
          <Command.Input
            data-autofocus
            value={query}
            onValueChange={setQuery}
            placeholder={placeholder}
            className="h-12 min-w-0 flex-1 bg-transparent text-base outline-none"
          />
          <Kbd>Esc</Kbd>
        </div>
        <Command.List className="min-h-0 flex-1 scroll-py-1 overflow-y-auto p-1.5">
          <Command.Empty className="px-3 py-10 text-center text-sm text-muted">
            {busy ? 'Searching…' : `Nothing found for “${query}”.`}
          </Command.Empty>
          {matching(groups, query).map((group) => (
            <Group key={group.heading} group={group} onChoose={choose} />
          ))}
          {found.map((group) => (
            <Group key={`remote:${group.heading}`} group={group} onChoose={choose} />
          ))}
        </Command.List>
      </Command>
    </Modal>
  )
}

/** The items that hold each word of the query, in their order; groups without any are left out. */
function matching(groups: readonly CommandGroup[], query: string): CommandGroup[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  const fits = ({ label, hint = '', keywords = [] }: CommandItem) => {
    const text = [label, hint, ...keywords].join(' ').toLowerCase()
    return words.every((word) => text.includes(word))
  }
  return groups
    .map((group) => ({ ...group, items: group.items.filter(fits) }))
    .filter(({ items }) => items.length > 0)
}

function Group({ group, onChoose }: { group: CommandGroup; onChoose: (item: CommandItem) => void }) {
  return (
    <Command.Group
      heading={group.heading}
      className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-muted"
    >
      {group.items.map((item) => (
        <Command.Item
          key={item.id}
          // Must be unique.
          value={`${item.label} ${item.id}`}
          onSelect={() => onChoose(item)}
          className="flex h-9 cursor-pointer items-center gap-2.5 rounded-md px-2.5 text-sm data-[selected=true]:bg-hover pointer-coarse:h-11 [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-muted"
        >
          {item.icon}
          <span className="truncate">{item.label}</span>
          {item.hint && <span className="ml-auto shrink-0 pl-4 text-xs text-muted">{item.hint}</span>}
        </Command.Item>
      ))}
    </Command.Group>
  )
}

const NONE: readonly CommandGroup[] = []

function useRemote(search: CommandPaletteProps['search'], query: string) {
  const [answer, setAnswer] = useState<{ query: string; groups: readonly CommandGroup[] }>({
    query: '',
    groups: NONE,
  })
  const text = query.trim()
  useEffect(() => {
    if (!search || text.length < 2) return
    const controller = new AbortController()
    const timer = window.setTimeout(() => {
      search(text, controller.signal).then(
        (groups) => !controller.signal.aborted && setAnswer({ query: text, groups }),
        () => !controller.signal.aborted && setAnswer({ query: text, groups: NONE }),
      )
    }, 150)
    return () => {
      window.clearTimeout(timer)
      controller.abort()
    }
  }, [search, text])
  const asked = Boolean(search) && text.length >= 2
  return { found: asked ? answer.groups : NONE, busy: asked && answer.query !== text }
}
