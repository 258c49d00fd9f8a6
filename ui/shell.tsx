import { Link } from './link'
import type { ReactNode } from 'react'
import { BrandMark } from './brand-mark'
import { MobileNav } from './mobile-nav'
import { SidebarNav, type NavGroup } from './sidebar-nav'

type Props = {
  nav: readonly NavGroup[]
  /** Where the mark in the corner leads. */
  homeHref: string
  /** Instead of Freehold's mark: a tenant's logo. */
  logo?: ReactNode
  /** The tenant's mark and name, or the switcher. */
  switcher?: ReactNode
  /** `CommandMenu`. */
  search?: ReactNode
  /** Icon buttons before the user menu. */
  actions?: ReactNode
  userMenu?: ReactNode
  /** `Banner`s above everything. */
  banner?: ReactNode
  /** Below the navigation: version, licence. */
  sidebarFooter?: ReactNode
  children: ReactNode
}

/** The frame around every page: header over the whole width, sidebar (a drawer below 1024 px), content. */
export function Shell(props: Props) {
  const { nav, homeHref, logo, switcher, search, actions, userMenu, banner, sidebarFooter, children } = props
  return (
    <div className="flex min-h-dvh flex-col bg-canvas">
      <a
        href="#main"
        className="fixed top-2 left-2 z-50 -translate-y-16 rounded-md bg-accent px-3 py-1.5 font-medium text-on-accent focus:translate-y-0"
      >
        Skip to content
      </a>
      {banner}
      <header className="sticky top-0 z-30 flex h-12 items-center gap-2 border-b border-line bg-canvas px-4">
        <MobileNav groups={nav} footer={sidebarFooter} />
        <Link href={homeHref} aria-label="Home" className="rounded-md">
          {logo ?? <BrandMark />}
        </Link>
        {switcher && (
          <div className="flex min-w-0 items-center gap-1.5">
            <span aria-hidden className="pl-0.5 text-lg font-light text-control select-none">
              /
            </span>
            {switcher}
          </div>
        )}
        <div className="ml-auto flex items-center gap-1.5">
          {search}
          {actions}
          {userMenu}
        </div>
      </header>
      <div className="flex flex-1 lg:grid lg:grid-cols-[14.5rem_minmax(0,1fr)]">
        <aside className="sticky top-12 hidden h-[calc(100dvh-3rem)] flex-col gap-6 overflow-y-auto px-3 py-4 lg:flex">
          <SidebarNav groups={nav} />
          {sidebarFooter && <div className="mt-auto">{sidebarFooter}</div>}
        </aside>
        <main
          id="main"
          tabIndex={-1}
          className="min-w-0 flex-1 bg-page px-4 py-5 sm:px-6 lg:border-l lg:border-line lg:px-8 lg:py-6"
        >
          <div className="mx-auto max-w-[84rem]">{children}</div>
        </main>
      </div>
    </div>
  )
}
