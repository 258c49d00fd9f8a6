'use client'

import { KeyRound, LogOut, MonitorSmartphone, UserRound } from 'lucide-react'
import { clientPrefix } from '@/app/_lib/api-client'
import { signOut } from '@/app/_lib/sign-out'
import type { TenantPrefix } from '@/lib/host'
import { consolePaths } from '@/lib/paths'
import { Avatar } from '@/ui/tenant-mark'
import { DropdownMenu } from '@/ui/dropdown-menu'
import { MenuItem, MenuLabel, MenuSeparator } from '@/ui/menu-items'

/** Who is signed in, their account, and the way out. */
export function UserMenu({ name, detail }: { name: string; detail: string }) {
  return (
    <DropdownMenu
      align="end"
      label="Account"
      trigger={
        <button type="button" aria-label={`Account of ${name}`} className="rounded-full">
          <Avatar name={name} />
        </button>
      }
    >
      <Items name={name} detail={detail} />
    </DropdownMenu>
  )
}

function Items({ name, detail }: { name: string; detail: string }) {
  const paths = consolePaths(clientPrefix() as TenantPrefix)
  return (
    <>
      <MenuLabel>
        <span className="block font-medium text-fg">{name}</span>
        <span className="block truncate">{detail}</span>
      </MenuLabel>
      <MenuSeparator />
      <MenuItem href={paths.account} icon={<UserRound aria-hidden />}>
        Account
      </MenuItem>
      <MenuItem href={paths.sessions} icon={<MonitorSmartphone aria-hidden />}>
        Sessions
      </MenuItem>
      <MenuItem href={paths.password} icon={<KeyRound aria-hidden />}>
        Change password
      </MenuItem>
      <MenuSeparator />
      <MenuItem onSelect={() => void signOut()} icon={<LogOut aria-hidden />}>
        Sign out
      </MenuItem>
    </>
  )
}
