'use client'

import { PenLine, Trash2 } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useChange } from '@/app/(console)/_components/resources/use-change'
import { GroupFormDialog } from '@/app/(console)/infrastructure/groups/_components/group-form-dialog'
import { consequencesOf } from '@/app/(console)/infrastructure/groups/_components/group-words'
import type { GroupDetail } from '@/server/features/groups/groups.schema'
import { Button } from '@/ui/button'
import { ConfirmDialog } from '@/ui/confirm-dialog'

interface Props {
  group: GroupDetail
  listHref: string
}

/** Edit and delete a group; deleting says what of the roles hangs on it. */
export function GroupActions({ group, listHref }: Props) {
  const router = useRouter()
  const [open, setOpen] = useState<'edit' | 'delete' | null>(null)
  const close = () => setOpen(null)
  const { pending, error, run } = useChange(close)
  const { edit, remove } = group.can
  return (
    <div className="flex gap-2">
      <Button
        icon={<PenLine aria-hidden />}
        disabledReason={!edit.allowed && edit.reason}
        onClick={() => setOpen('edit')}
      >
        Edit
      </Button>
      <Button
        variant="danger-outline"
        icon={<Trash2 aria-hidden />}
        disabledReason={!remove.allowed && remove.reason}
        onClick={() => setOpen('delete')}
      >
        Delete
      </Button>
      {open === 'edit' && (
        <GroupFormDialog
          title={`Edit ${group.name}`}
          action="Save"
          start={{ name: group.name, description: group.description }}
          onClose={close}
          save={(values) => api().groups.update.mutate({ id: group.id, ...values })}
          done={({ name }) => `${name.trim()} is saved.`}
        />
      )}
      {open === 'delete' && (
        <ConfirmDialog
          open
          onOpenChange={close}
          title={`Delete the group ${group.name}?`}
          description="What is in it stays; it is only not in this group any more."
          consequences={[
            ...consequencesOf(group),
            ...(group.usedBy.assignments + group.usedBy.roles.length > 0
              ? ['Who reaches things by this group loses them at once.']
              : []),
          ]}
          confirmLabel="Delete group"
          pending={pending}
          error={error}
          onConfirm={() =>
            void run(
              () => api().groups.delete.mutate({ id: group.id }),
              `${group.name} is deleted.`,
              () => router.push(listHref),
            )
          }
        />
      )}
    </div>
  )
}
