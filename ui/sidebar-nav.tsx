'use client'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import type { ReactNode } from 'react'
import { longestMatch } from './active-href'
import { cn } from './cn'

export type NavItem = {
  label: string
  href: string
  icon?: ReactNode
  /** Unset: worked out from the path, the longest matching link wins. */
  active?: boolean
  /** At the end: a count, a "New". */
  badge?: ReactNode
}
export type NavGroup = { label?: string; items: readonly NavItem[] }

/** The links of the sidebar. */
export function SidebarNav({ groups, onNavigate }: { groups: readonly NavGroup[]; onNavigate?: () => void }) {
  const path = usePathname()
  const current = longestMatch(
    path,
    groups.flatMap((group) => group.items.map((item) => item.href)),
  )
  return (
    <nav aria-label="Main" className="grid gap-5">
      {groups.map((group, index) => (
        <div key={group.label ?? index} className="grid gap-px">
          {group.label && (
            <div id={`nav-${index}`} className="px-2 pb-1 text-xs font-medium text-faint">
              {group.label}
            </div>
          )}
          <ul aria-labelledby={group.label ? `nav-${index}` : undefined} className="grid gap-px">
            {group.items.map((item) => {
              const active = item.active ?? item.href === current
              return (
                <li key={item.href}>
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
            })}
          </ul>
        </div>
      ))}
    </nav>
  )
}
