'use client'
import { ChevronRight } from 'lucide-react'
import { Link } from './link'
import { usePathname } from 'next/navigation'
import { useId, type ReactNode } from 'react'
import { longestMatch } from './active-href'
import { cn } from './cn'
import { useFolded } from './use-folded'

export type NavItem = {
  label: string
  href: string
  icon?: ReactNode
  /** More pages that belong to it: its tabs. */
  also?: readonly string[]
  /** Unset: worked out from the path, the longest matching link wins. */
  active?: boolean
  /** At the end: a count, a "New". */
  badge?: ReactNode
}
export type NavGroup = {
  label?: string
  items: readonly NavItem[]
  /** May be folded away, and is at first or not. A labelled group only. */
  fold?: 'open' | 'closed'
}

const LABEL = 'px-2 pb-1 text-xs font-medium text-faint'

/** The links of the sidebar. The group of the page one is on is never folded away. */
export function SidebarNav({ groups, onNavigate }: { groups: readonly NavGroup[]; onNavigate?: () => void }) {
  const path = usePathname()
  const hrefs = groups.flatMap((group) => group.items.flatMap((item) => [item.href, ...(item.also ?? [])]))
  const current = longestMatch(path, hrefs)
  const isActive = ({ href, also, active }: NavItem) =>
    active ?? (current !== undefined && (href === current || also?.includes(current) === true))
  return (
    <nav aria-label="Main" className="grid gap-5">
      {groups.map((group, index) => (
        <Group key={group.label ?? index} group={group} isActive={isActive} onNavigate={onNavigate} />
      ))}
    </nav>
  )
}

interface GroupProps {
  group: NavGroup
  isActive: (item: NavItem) => boolean
  onNavigate?: () => void
}

function Group({ group: { label, items, fold }, isActive, onNavigate }: GroupProps) {
  const id = useId()
  const [chosen, setFolded] = useFolded(`nav:${label ?? ''}`, fold === 'closed')
  const isCurrent = items.some(isActive)
  const folded = fold !== undefined && chosen && !isCurrent
  return (
    <div className="grid gap-px">
      {label && fold !== undefined ? (
        <button
          type="button"
          id={id}
          aria-expanded={!folded}
          aria-controls={`${id}-list`}
          onClick={() => setFolded(!chosen)}
          className={cn(LABEL, 'flex items-center gap-1 rounded-md pt-1 text-left hover:text-fg')}
        >
          <span className="flex-1">{label}</span>
          <ChevronRight
            aria-hidden
            className={cn('size-3 transition-transform duration-100', !folded && 'rotate-90')}
          />
        </button>
      ) : (
        label && (
          <div id={id} className={LABEL}>
            {label}
          </div>
        )
      )}
      <ul
        id={`${id}-list`}
        aria-labelledby={label ? id : undefined}
        hidden={folded}
        className={folded ? undefined : 'grid gap-px'}
      >
        {items.map((item) => (
          <Item key={item.href} item={item} active={isActive(item)} onNavigate={onNavigate} />
        ))}
      </ul>
    </div>
  )
}

function Item({ item, active, onNavigate }: { item: NavItem; active: boolean; onNavigate?: () => void }) {
  return (
    <li>
      <Link
        href={item.href}
        onClick={onNavigate}
        aria-current={active ? 'page' : undefined}
        className={cn(
          'flex h-8 items-center gap-2.5 rounded-md px-2 text-sm transition-colors duration-100 pointer-coarse:h-10 [&_svg]:size-4 [&_svg]:shrink-0',
          active
            ? 'bg-active font-medium text-fg [&_svg]:text-accent-ink'
            : 'text-muted hover:bg-hover hover:text-fg [&_svg]:text-faint',
        )}
      >
        {item.icon}
        <span className="truncate">{item.label}</span>
        {item.badge !== undefined && (
          <span className="ml-auto text-xs text-muted tabular-nums">{item.badge}</span>
        )}
      </Link>
    </li>
  )
}
