'use client'

import { KeyRound, LogOut, MonitorSmartphone, UserRound } from 'lucide-react'
import { clientPrefix } from '@/app/_lib/api-client'
import { quitImpersonating } from '@/app/(console)/_components/impersonation/quit'
import { signOut } from '@/app/_lib/sign-out'
import type { TenantPrefix } from '@/lib/host'
import { consolePaths } from '@/lib/paths'
import { Avatar } from '@/ui/tenant-mark'
import { DropdownMenu } from '@/ui/dropdown-menu'
import { MenuItem, MenuLabel, MenuSeparator } from '@/ui/menu-items'

interface Props {
  name: string
  detail: string
  /** Who acts as this person, and where they began; null: the person. */
  impersonator: { name: string; from: string } | null
}

/** Who is signed in, their account, and the way out. */
export function UserMenu(props: Props) {
  const { name, impersonator } = props
  return (
    <DropdownMenu
      align="end"
      label="Account"
      trigger={
        <button
          type="button"
          aria-label={impersonator === null ? `Account of ${name}` : `${impersonator.name} as ${name}`}
          className="rounded-full"
        >
          <Avatar name={name} />
        </button>
      }
    >
      {impersonator === null ? <Items {...props} /> : <ActingItems {...props} impersonator={impersonator} />}
    </DropdownMenu>
  )
}

/** Only what is not the person's own to do: their password and sessions are not here. */
function ActingItems({
  name,
  detail,
  impersonator,
}: Props & { impersonator: { name: string; from: string } }) {
  const paths = consolePaths(clientPrefix() as TenantPrefix)
  return (
    <>
      <MenuLabel>
        <span className="block font-medium text-fg">
          {impersonator.name} as {name}
        </span>
        <span className="block truncate">{detail}</span>
      </MenuLabel>
      <MenuSeparator />
      <MenuItem href={paths.account} icon={<UserRound aria-hidden />}>
        Account of {name}
      </MenuItem>
      <MenuSeparator />
      <MenuItem onSelect={() => void quitImpersonating(impersonator.from)} icon={<LogOut aria-hidden />}>
        Quit impersonating
      </MenuItem>
    </>
  )
}

function Items({ name, detail }: Props) {
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
