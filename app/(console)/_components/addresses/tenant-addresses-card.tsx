'use client'

import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import { linesOf, NetworkRows, type Row, rowsOf } from '@/app/(console)/_components/addresses/network-rows'
import { api } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import type { NetworkLine } from '@/lib/networks'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { toast } from '@/ui/toast'

interface Props {
  tenant: { id: string; name: string }
  lines: readonly NetworkLine[]
}

/** A subtenant's list, for its provider: to let people in again who shut themselves out. */
export function TenantAddressesCard({ tenant, lines: stored }: Props) {
  const router = useRouter()
  const form = useSubmit('tenant-addresses')
  const [rows, setRows] = useState<Row[]>(() => rowsOf(stored))
  const lines = linesOf(rows)
  const changed = JSON.stringify(lines) !== JSON.stringify(stored)

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    await form.submit(async () => {
      const saved = await api().allowList.setOfTenant.mutate({ id: tenant.id, lines })
      setRows(rowsOf(saved.lines))
      toast.success(`Saved. It holds for ${tenant.name} from now on.`)
      router.refresh()
    })
  }

  return (
    <Card
      title="Allowed addresses"
      description={`From where ${tenant.name}'s people reach their console; yours come by your own list. They keep it themselves: change it to let in who shut themselves out. It stands in both logs.`}
    >
      <form method="post" onSubmit={(event) => void submit(event)} noValidate className="grid gap-4">
        <FormErrorSummary errors={form.errors} title="Nothing is changed" />
        {rows.length === 0 && (
          <p className="text-sm text-muted">There is no list: every address is allowed.</p>
        )}
        <NetworkRows
          rows={rows}
          onChange={setRows}
          form="tenant-addresses"
          checked={form.errors.length > 0}
        />
        <Button
          type="submit"
          loading={form.pending}
          disabledReason={!changed && 'Nothing is changed yet'}
          className="justify-self-start"
        >
          Save addresses
        </Button>
      </form>
    </Card>
  )
}
