'use client'
import { Menu } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { IconButton } from './icon-button'
import { Sheet } from './sheet'
import { SidebarNav, type NavGroup } from './sidebar-nav'

/** The navigation as a drawer, for phones. */
export function MobileNav({ groups, footer }: { groups: readonly NavGroup[]; footer?: ReactNode }) {
  const [open, setOpen] = useState(false)
  return (
    <div className="-ml-2 lg:hidden">
      <IconButton
        label="Open navigation"
        icon={<Menu aria-hidden />}
        aria-haspopup="dialog"
        tooltip={false}
        onClick={() => setOpen(true)}
      />
      <Sheet side="left" open={open} onOpenChange={setOpen} title="Navigation">
        <div className="-mx-2 grid gap-6">
          <SidebarNav groups={groups} onNavigate={() => setOpen(false)} />
          {footer}
        </div>
      </Sheet>
    </div>
  )
}
