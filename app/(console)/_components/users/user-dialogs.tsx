'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { useSubmit } from '@/app/_lib/use-submit'
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
  | { kind: 'create' }
  | {
      kind: 'edit' | 'setPassword' | 'disable' | 'enable' | 'delete' | 'endSessions' | 'impersonate'
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
} as const
const ABOUT = {
  disable: undefined,
  enable: 'The person can sign in again, with the roles they had.',
  delete: 'This cannot be undone.',
  endSessions: 'Ends every session of this person. They can sign in again.',
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
  const { verb, done, lines } = WORDS[kind]
  const run = async () => {
    await usersApi(tenantId)[kind](user.id)
    toast.success(`${user.name} is ${done}.`)
    onDone()
  }
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={`${verb} ${user.name}${kind === 'endSessions' ? ' everywhere' : ''}?`}
      description={ABOUT[kind]}
      consequences={lines}
      tone={kind === 'disable' || kind === 'delete' ? 'danger' : 'default'}
      confirmLabel={verb}
      pending={form.pending}
      error={form.errors[0]?.message}
      onConfirm={() => void form.submit(run)}
    />
  )
}
