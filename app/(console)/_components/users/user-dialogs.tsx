'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { useSubmit } from '@/app/_lib/use-submit'
import { AddGuestDialog } from '@/app/(console)/_components/users/add-guest-dialog'
import { ImpersonateDialog } from '@/app/(console)/_components/users/impersonate-dialog'
import { PasswordDialog } from '@/app/(console)/_components/users/password-dialog'
import { PasswordReveal } from '@/app/(console)/_components/users/password-reveal'
import { UserForm } from '@/app/(console)/_components/users/user-form'
import { usersApi } from '@/app/(console)/_components/users/users-api'
import type { AssignableRole } from '@/server/features/roles/roles.schema'
import type { UserRow } from '@/server/features/users/users.schema'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { toast } from '@/ui/toast'

export type UserDialog =
  | { kind: 'create' | 'addGuest' }
  | {
      kind:
        'edit' | 'setPassword' | 'disable' | 'enable' | 'delete' | 'endSessions' | 'remove' | 'impersonate'
      user: UserRow
    }

export interface PeopleOf {
  name: string
  slug: string
  address: string
  master: boolean
}

/** A password that was made: shown until it is closed, and never again. */
export interface Revealed {
  username: string
  password: string
}

interface Props {
  dialog: UserDialog | null
  roles: readonly AssignableRole[]
  tenant: PeopleOf
  tenantId?: string
  onClose: () => void
}

/** The dialogs about users. */
export function UserDialogs({ dialog, roles, tenant, tenantId, onClose }: Props) {
  const router = useRouter()
  const [revealed, setRevealed] = useState<Revealed | null>(null)
  const finish = (made?: Revealed) => {
    onClose()
    if (made) setRevealed(made)
    router.refresh()
  }
  const shared = { tenantId, onClose, onDone: finish }
  if (revealed) return <PasswordReveal made={revealed} tenant={tenant} onClose={() => setRevealed(null)} />
  if (!dialog) return null
  switch (dialog.kind) {
    case 'create':
      return <UserForm {...shared} roles={roles} tenant={tenant} />
    case 'addGuest':
      return <AddGuestDialog {...shared} roles={roles} tenantName={tenant.name} />
    case 'edit':
      return <UserForm {...shared} roles={roles} tenant={tenant} user={dialog.user} />
    case 'setPassword':
      return <PasswordDialog {...shared} user={dialog.user} />
    case 'impersonate':
      return tenantId === undefined ? null : (
        <ImpersonateDialog user={dialog.user} tenantId={tenantId} onClose={onClose} />
      )
    default:
      return <ConfirmUser {...shared} kind={dialog.kind} user={dialog.user} />
  }
}

const WORDS = {
  disable: {
    verb: 'Disable',
    done: 'disabled',
    lines: [
      'Signed out within a second, everywhere',
      'Cannot sign in until enabled again',
      'Account, roles and history stay',
    ],
  },
  enable: { verb: 'Enable', done: 'enabled', lines: [] },
  delete: {
    verb: 'Delete',
    done: 'deleted',
    lines: ['The account, its password, roles and sessions', 'The audit log keeps what the person did'],
  },
  endSessions: { verb: 'Sign out', done: 'signed out everywhere', lines: [] },
  remove: {
    verb: 'Remove',
    done: 'removed',
    lines: ['Signed out of this tenant within a second', 'Their roles in this tenant end'],
  },
} as const
/** A guest's sessions elsewhere are not this tenant's to end. */
const GUEST_SIGN_OUT = { verb: 'Sign out', done: 'signed out of this tenant', lines: [] } as const
const ABOUT = {
  disable: undefined,
  enable: 'The person can sign in again, with the roles they had.',
  delete: 'This cannot be undone.',
  endSessions: 'Ends every session of this person. They can sign in again.',
  remove: 'The account stays: it belongs to the tenant that the person is homed in.',
}

interface ConfirmProps {
  kind: keyof typeof WORDS
  user: UserRow
  tenantId?: string
  onClose: () => void
  onDone: () => void
}

function ConfirmUser({ kind, user, tenantId, onClose, onDone }: ConfirmProps) {
  const form = useSubmit('user')
  const guest = user.kind === 'guest' && kind === 'endSessions'
  const { verb, done, lines } = guest ? GUEST_SIGN_OUT : WORDS[kind]
  const run = async () => {
    await usersApi(tenantId)[kind](user.id)
    toast.success(`${user.name} is ${done}.`)
    onDone()
  }
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={`${verb} ${user.name}${kind === 'endSessions' ? (guest ? ' of this tenant' : ' everywhere') : ''}?`}
      description={guest ? 'Ends their sessions in this tenant. They can sign in again.' : ABOUT[kind]}
      consequences={lines}
      tone={kind === 'disable' || kind === 'delete' || kind === 'remove' ? 'danger' : 'default'}
      confirmLabel={verb}
      pending={form.pending}
      error={form.errors[0]?.message}
      onConfirm={() => void form.submit(run)}
    />
  )
}
