'use client'

import {
  Ban,
  CirclePlay,
  Contact,
  Drama,
  KeyRound,
  LogOut,
  MonitorSmartphone,
  Pencil,
  ShieldQuestionMark,
  Trash2,
  UserMinus,
} from 'lucide-react'
import { clientPrefix } from '@/app/_lib/api-client'
import type { TenantPrefix } from '@/lib/host'
import { consolePaths } from '@/lib/paths'
import type { UserDialog } from '@/app/(console)/_components/users/user-dialogs'
import type { UserRow } from '@/server/features/users/users.schema'
import { MenuItem, MenuSeparator } from '@/ui/menu-items'

type Kind = Exclude<UserDialog['kind'], 'create' | 'addGuest'>

interface Props {
  row: UserRow
  open: (kind: Kind) => void
  /** Where the provider acts: rights are explained inside the tenant. */
  provider: boolean
}

/** What can be done to a user; what cannot be done now says why. */
export function UserMenu({ row: { id, kind, can, why, whyNotImpersonate, status }, open, provider }: Props) {
  const edits = can.edit || can.setRoles
  const guest = kind === 'guest'
  return (
    <>
      <MenuItem
        icon={<Pencil aria-hidden />}
        disabledReason={!edits && why.edit}
        onSelect={() => open('edit')}
      >
        {guest ? 'Change roles' : 'Edit'}
      </MenuItem>
      <MenuItem
        icon={<KeyRound aria-hidden />}
        disabledReason={!can.setPassword && why.setPassword}
        onSelect={() => open('setPassword')}
      >
        Set password
      </MenuItem>
      <MenuItem
        icon={<LogOut aria-hidden />}
        disabledReason={!can.endSessions && why.endSessions}
        onSelect={() => open('endSessions')}
      >
        {guest ? 'Sign out of this tenant' : 'Sign out everywhere'}
      </MenuItem>
      {provider && (
        <MenuItem
          icon={<Contact aria-hidden />}
          href={consolePaths(clientPrefix() as TenantPrefix).person(id)}
        >
          Open under People
        </MenuItem>
      )}
      {provider && (
        <MenuItem
          icon={<Drama aria-hidden />}
          disabledReason={whyNotImpersonate}
          onSelect={() => open('impersonate')}
        >
          Impersonate
        </MenuItem>
      )}
      {!provider && kind !== 'provider' && (
        <MenuItem
          icon={<MonitorSmartphone aria-hidden />}
          disabledReason={!can.endSessions && why.endSessions}
          href={consolePaths(clientPrefix() as TenantPrefix).userSessions(id)}
        >
          Sign-in and sessions
        </MenuItem>
      )}
      {!provider && (
        <MenuItem
          icon={<ShieldQuestionMark aria-hidden />}
          href={consolePaths(clientPrefix() as TenantPrefix).userRights(id)}
        >
          Effective rights
        </MenuItem>
      )}
      <MenuSeparator />
      {status === 'active' ? (
        <MenuItem
          icon={<Ban aria-hidden />}
          disabledReason={!can.disable && why.disable}
          onSelect={() => open('disable')}
        >
          Disable
        </MenuItem>
      ) : (
        <MenuItem
          icon={<CirclePlay aria-hidden />}
          disabledReason={!can.enable && why.enable}
          onSelect={() => open('enable')}
        >
          Enable
        </MenuItem>
      )}
      <MenuItem
        tone="danger"
        icon={<Trash2 aria-hidden />}
        disabledReason={!can.delete && why.delete}
        onSelect={() => open('delete')}
      >
        Delete
      </MenuItem>
      {guest && (
        <MenuItem
          tone="danger"
          icon={<UserMinus aria-hidden />}
          disabledReason={!can.remove && why.remove}
          onSelect={() => open('remove')}
        >
          Remove from this tenant
        </MenuItem>
      )}
    </>
  )
}
