'use client'

import { Building2, Globe } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { AddToTenant } from '@/app/(console)/admin/people/_components/add-to-tenant'
import { LevelDialog } from '@/app/(console)/admin/people/_components/level-dialog'
import type { PersonDetail } from '@/server/features/people/people.schema'
import { Button } from '@/ui/button'

/** What is done to a person as a whole. */
export function PersonActions({ person }: { person: PersonDetail }) {
  const router = useRouter()
  const [open, setOpen] = useState<'level' | 'add' | null>(null)
  const shared = {
    person,
    onClose: () => setOpen(null),
    onDone: () => {
      setOpen(null)
      router.refresh()
    },
  }
  return (
    <>
      <Button
        icon={<Globe aria-hidden />}
        disabledReason={person.why.setLevel}
        onClick={() => setOpen('level')}
      >
        Change level
      </Button>
      <Button
        variant="primary"
        icon={<Building2 aria-hidden />}
        disabledReason={person.why.addToTenant}
        onClick={() => setOpen('add')}
      >
        Add to a tenant
      </Button>
      {open === 'level' && <LevelDialog {...shared} />}
      {open === 'add' && <AddToTenant {...shared} />}
    </>
  )
}
