'use client'

import { X } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useChange } from '@/app/(console)/_components/resources/use-change'
import { labelOfKind } from '@/lib/resource-kinds/registry'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { Field } from '@/ui/field'
import { IconButton } from '@/ui/icon-button'
import { Picker } from '@/ui/picker'
import type { PickerOption } from '@/ui/picker-panel'

const MOST = 100

async function find(search: string, signal: AbortSignal): Promise<PickerOption[]> {
  if (search === '') return []
  const { rows } = await api().resources.search.query({ search }, { signal })
  return rows.map(({ id, kind, name }) => ({ value: id, label: name, hint: labelOfKind(kind) }))
}

/** Searches things of all kinds and puts the chosen ones into a group. */
export function AddMembersDialog({
  group,
  onClose,
}: {
  group: { id: string; name: string }
  onClose: () => void
}) {
  const [chosen, setChosen] = useState<PickerOption[]>([])
  const { pending, error, run } = useChange(onClose)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (pending || chosen.length === 0) return
    void run(
      () => api().groups.setMembers.mutate({ id: group.id, add: chosen.map(({ value }) => value) }),
      chosen.length === 1
        ? `${chosen[0]?.label} is in ${group.name}.`
        : `${chosen.length} are in ${group.name}.`,
    )
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Add to ${group.name}`}
      dismissible={!pending}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            variant="primary"
            loading={pending}
            disabledReason={chosen.length === 0 && 'Choose something first'}
          >
            {chosen.length > 1 ? `Add ${chosen.length}` : 'Add'}
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        {error && <Alert tone="danger">{error}</Alert>}
        <Field
          label="Find"
          hint="Type a part of the name of a host, a cloud, a network or anything else you see."
        >
          <Picker
            label="Find"
            value={null}
            onChange={(option) =>
              setChosen((all) =>
                all.length >= MOST || all.some(({ value }) => value === option.value)
                  ? all
                  : [...all, option],
              )
            }
            search={find}
          />
        </Field>
        {chosen.length > 0 && (
          <ul className="grid gap-1" aria-label="Chosen">
            {chosen.map(({ value, label, hint }) => (
              <li
                key={value}
                className="flex items-center gap-2 rounded-md border border-line px-3 py-1 text-sm"
              >
                <span className="min-w-0 flex-1 truncate">{label}</span>
                <span className="text-xs text-muted">{hint}</span>
                <IconButton
                  label={`Leave ${label} out`}
                  icon={<X aria-hidden />}
                  size="icon-sm"
                  onClick={() => setChosen((all) => all.filter((one) => one.value !== value))}
                />
              </li>
            ))}
          </ul>
        )}
      </div>
    </Dialog>
  )
}
