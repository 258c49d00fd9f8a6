'use client'
import { Link } from './link'
import { usePathname } from 'next/navigation'
import type { ReactNode } from 'react'
import { longestMatch } from './active-href'
import { cn } from './cn'

export type LinkTab = {
  label: string
  href: string
  /** Unset: worked out from the path. */ active?: boolean
  count?: ReactNode
}

/** Tabs that are pages of their own. On a phone the row scrolls sideways. */
export function LinkTabs({ items, label = 'Sections' }: { items: readonly LinkTab[]; label?: string }) {
  const current = longestMatch(
    usePathname(),
    items.map((item) => item.href),
  )
  return (
    <nav
      aria-label={label}
      className="-mx-4 overflow-x-auto border-b border-line px-4 [scrollbar-width:none] sm:mx-0 sm:px-0"
    >
      <ul className="flex gap-4">
        {items.map((item) => {
          const active = item.active ?? item.href === current
          return (
            <li key={item.href}>
              <Link
                href={item.href}
                aria-current={active ? 'page' : undefined}
                className={cn(
                  'flex h-9 items-center gap-1.5 border-b-2 text-sm whitespace-nowrap transition-colors -outline-offset-2 pointer-coarse:h-11',
                  active
                    ? 'border-accent font-medium text-fg'
                    : 'border-transparent text-muted hover:border-line-strong hover:text-fg',
                )}
              >
                {item.label}
                {item.count !== undefined && (
                  <span className="rounded-sm bg-hover px-1 text-2xs text-muted tabular-nums">
                    {item.count}
                  </span>
                )}
              </Link>
            </li>
          )
        })}
      </ul>
    </nav>
  )
}
