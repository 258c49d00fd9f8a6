'use client'

import { useEffect, useState } from 'react'
import { problemOf } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import { rolesApi } from '@/app/(console)/_components/roles/roles-api'
import { WhatIfLines, type WhatIf } from '@/app/(console)/_components/roles/save-bar'
import type { Difference, RoleRow } from '@/server/features/roles/roles.schema'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { SkeletonText } from '@/ui/skeleton'
import { toast } from '@/ui/toast'

interface Props {
  role: RoleRow
  tenantId?: string
  onClose: () => void
  /** @param id of the provider's role, which is the tenant's again */
  onDone: (id: string) => void
}

/** What was changed here, what the provider's role says, and who gains and loses by going back to it. */
export function RelinkDialog({ role, tenantId, onClose, onDone }: Props) {
  const [diff, setDiff] = useState<Difference | null>(null)
  const [whatIf, setWhatIf] = useState<WhatIf>({ state: role.can.relink ? 'asking' : 'none' })
  const form = useSubmit('relink')
  useEffect(() => {
    const roles = rolesApi(tenantId)
    roles
      .diff(role.id)
      .then(setDiff, (error: unknown) => setWhatIf({ state: 'refused', why: problemOf(error).message }))
    if (!role.can.relink) return
    roles.previewRelink(role.id).then(
      (effects) => setWhatIf({ state: 'told', effects }),
      (error: unknown) => setWhatIf({ state: 'refused', why: problemOf(error).message }),
    )
  }, [role, tenantId])
  const run = async () => {
    const { id, name } = await rolesApi(tenantId).relink(role.id)
    toast.success(`${name} follows the provider again.`)
    onDone(id)
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      size="lg"
      title={`${role.name}: edited here`}
      description="Relinking makes everybody who holds it hold the provider’s role again. What was changed here is gone."
      dismissible={!form.pending}
      footer={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button
            variant="primary"
            loading={form.pending}
            disabledReason={!role.can.relink && role.why.relink}
            onClick={() => void form.submit(run)}
          >
            Relink
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <FormErrorSummary errors={form.errors} title="It is not relinked" />
        {diff ? <DiffTable diff={diff} /> : <SkeletonText />}
        <WhatIfLines whatIf={whatIf} />
      </div>
    </Dialog>
  )
}

function DiffTable({ diff }: { diff: Difference }) {
  if (diff.rows.length === 0) return <p className="text-sm text-muted">Both say the same now.</p>
  return (
    <div
      className="overflow-x-auto rounded-md border border-line"
      tabIndex={0}
      role="region"
      aria-label="What differs"
    >
      <table className="w-full text-sm">
        <thead>
          <tr className="border-b border-line text-left text-xs text-muted">
            <th scope="col" className="px-3 py-2 font-medium">
              What
            </th>
            <th scope="col" className="px-3 py-2 font-medium">
              Here
            </th>
            <th scope="col" className="px-3 py-2 font-medium">
              Provider’s {diff.template.name}
            </th>
          </tr>
        </thead>
        <tbody>
          {diff.rows.map((row) => (
            <tr key={row.what} className="border-b border-line last:border-b-0">
              <th scope="row" className="px-3 py-2 text-left font-medium">
                {row.what}
              </th>
              <td className="px-3 py-2">{row.here || <span className="text-muted">Not said</span>}</td>
              <td className="px-3 py-2">{row.template || <span className="text-muted">Not said</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
