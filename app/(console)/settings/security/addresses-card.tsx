'use client'

import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import {
  linesOf,
  NetworkRows,
  rowOf,
  type Row,
  rowsOf,
} from '@/app/(console)/_components/addresses/network-rows'
import { api } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import { inNetworks } from '@/lib/networks'
import type { AllowList } from '@/server/features/allow-list/allow-list.schema'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { Checkbox } from '@/ui/checkbox'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { toast } from '@/ui/toast'

/** From where the console is reached, with one's own address beside the list. */
export function AddressesCard({ state }: { state: AllowList }) {
  const router = useRouter()
  const form = useSubmit('addresses')
  const [rows, setRows] = useState<Row[]>(() => rowsOf(state.lines))
  const [knowing, setKnowing] = useState(false)
  const lines = linesOf(rows)
  const networks = lines.map(({ network }) => network)
  const changed = JSON.stringify(lines) !== JSON.stringify(state.lines)
  const inside = inNetworks(networks, state.address)
  const out = changed && networks.some((network) => network !== '') && !inside

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    await form.submit(async () => {
      const saved = await api().allowList.set.mutate({ lines, knowing: out && knowing })
      setRows(rowsOf(saved.lines))
      setKnowing(false)
      toast.success(
        saved.lines.length === 0
          ? 'Saved. The console can be reached from anywhere.'
          : 'Saved. Other addresses are refused from now on.',
      )
      router.refresh()
    })
  }

  return (
    <Card
      title="Allowed addresses"
      description="Who comes from elsewhere cannot even sign in. Without a list the console can be reached from anywhere. Agents on machines, and directories that provision people, are not concerned."
    >
      <form method="post" onSubmit={(event) => void submit(event)} noValidate className="grid gap-4">
        <FormErrorSummary errors={form.errors} title="Nothing is changed" />
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2 text-sm">
          <span>
            You are at <span className="font-mono">{state.address}</span>
          </span>
          <Button
            size="sm"
            disabledReason={state.why.set ?? (inside && 'Your address is on the list')}
            onClick={() => setRows([...rows, rowOf(state.address, 'Where I am')])}
          >
            Add my address
          </Button>
        </div>
        {rows.length === 0 && (
          <p className="text-sm text-muted">There is no list: every address is allowed.</p>
        )}
        <NetworkRows
          rows={rows}
          onChange={setRows}
          form="addresses"
          checked={form.errors.length > 0}
          readOnly={state.why.set}
        />
        {out && <ShutOut state={state} knowing={knowing} onChange={setKnowing} />}
        <Button
          type="submit"
          variant="primary"
          loading={form.pending}
          disabledReason={
            state.why.set ||
            (!changed && 'Nothing is changed yet') ||
            (out && !knowing && 'The list would shut you out')
          }
          className="justify-self-start"
        >
          Save addresses
        </Button>
      </form>
    </Card>
  )
}

interface OutProps {
  state: AllowList
  knowing: boolean
  onChange: (knowing: boolean) => void
}

/** A list that shuts out who saves it needs their word, and another way in. */
function ShutOut({ state, knowing, onChange }: OutProps) {
  const works = state.accounts.some((account) => account.works)
  return (
    <Alert tone="warning" title="This list shuts you out">
      <div className="grid gap-2">
        <p>
          {state.address} is not on it.{' '}
          {works
            ? 'You would get in again by emergency access, or from an address on the list.'
            : 'Add it, or first choose an account for emergency access below.'}
        </p>
        {works && (
          <Checkbox
            id="addresses-knowing"
            label="I know that I lock myself out"
            checked={knowing}
            onChange={(event) => onChange(event.target.checked)}
          />
        )}
      </div>
    </Alert>
  )
}
