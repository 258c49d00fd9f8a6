'use client'

import { useState } from 'react'
import { DeleteOrganization } from '@/app/(console)/settings/organization/delete-organization'
import type { Organization } from '@/server/features/organization/organization.schema'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'

/** The end of the organization, by its owner. */
export function EndCard({ organization: { why } }: { organization: Organization }) {
  const [open, setOpen] = useState(false)
  return (
    <Card title="Delete the organization">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="max-w-prose text-sm text-muted">
          Everybody is signed out, agents are told to uninstall. The provider can restore it for 30 days.
        </p>
        <Button variant="danger-outline" disabledReason={why.delete} onClick={() => setOpen(true)}>
          Delete…
        </Button>
      </div>
      {open && <DeleteOrganization onClose={() => setOpen(false)} />}
    </Card>
  )
}
