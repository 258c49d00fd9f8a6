'use client'

import { useState } from 'react'
import { TransferDialog } from '@/app/(console)/settings/organization/transfer-dialog'
import type { Organization } from '@/server/features/organization/organization.schema'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { Avatar } from '@/ui/tenant-mark'

/** Who owns the organization, and handing it over. */
export function OwnerCard({ organization: { owners, why } }: { organization: Organization }) {
  const [open, setOpen] = useState(false)
  return (
    <Card
      title="Who owns it"
      actions={
        <Button size="sm" disabledReason={why.transfer} onClick={() => setOpen(true)}>
          Transfer ownership
        </Button>
      }
    >
      {owners.length === 0 ? (
        <p className="text-sm text-muted">
          Nobody owns it: the provider runs it. The provider can give somebody the role Owner.
        </p>
      ) : (
        <ul className="grid gap-2">
          {owners.map(({ id, name, you }) => (
            <li key={id} className="flex items-center gap-2.5 text-sm">
              <Avatar name={name} seed={id} size="sm" />
              {name}
              {you && <Badge>You</Badge>}
            </li>
          ))}
        </ul>
      )}
      {open && <TransferDialog onClose={() => setOpen(false)} />}
    </Card>
  )
}
