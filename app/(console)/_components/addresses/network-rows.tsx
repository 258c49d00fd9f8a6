'use client'

import { Plus, Trash2 } from 'lucide-react'
import { MOST_NETWORKS, type NetworkLine, networkProblem, NOTE_LENGTH } from '@/lib/networks'
import { Button } from '@/ui/button'
import { Field } from '@/ui/field'
import { IconButton } from '@/ui/icon-button'
import { Input } from '@/ui/input'

/** A line while it is edited. */
export interface Row extends NetworkLine {
  key: number
}
let last = 0
export const rowOf = (network = '', note = ''): Row => ({ key: ++last, network, note })
export const rowsOf = (lines: readonly NetworkLine[]): Row[] =>
  lines.map(({ network, note }) => rowOf(network, note))
export const linesOf = (rows: readonly Row[]): NetworkLine[] =>
  rows.map(({ network, note }) => ({ network: network.trim(), note: note.trim() }))

interface Props {
  rows: readonly Row[]
  onChange: (rows: Row[]) => void
  /** Begins the ids of the fields, as useSubmit has them. */
  form: string
  /** Whether wrong lines are marked: once they were sent. */
  checked: boolean
  /** Why nothing can be changed. */
  readOnly?: string
}

/** Networks to type, a line each, with a note. */
export function NetworkRows({ rows, onChange, form, checked, readOnly }: Props) {
  const edit = (key: number, change: Partial<NetworkLine>) =>
    onChange(rows.map((row) => (row.key === key ? { ...row, ...change } : row)))
  return (
    <div className="grid gap-2">
      {rows.length > 0 && (
        <div aria-hidden className="hidden gap-2 text-xs text-muted sm:grid sm:grid-cols-[15rem_1fr_2rem]">
          <span>Address or network</span>
          <span>Note</span>
        </div>
      )}
      <ul className="grid gap-2 max-sm:gap-4">
        {rows.map(({ key, network, note }, i) => (
          <li key={key} className="grid grid-cols-[1fr_2rem] items-start gap-2 sm:grid-cols-[15rem_1fr_2rem]">
            <Field
              id={`${form}-lines.${i}`}
              label={`Address or network, line ${i + 1}`}
              hideLabel
              error={checked ? networkProblem({ network, note }) : null}
            >
              <Input
                mono
                value={network}
                placeholder="203.0.113.0/24"
                autoCapitalize="none"
                autoComplete="off"
                spellCheck={false}
                maxLength={80}
                disabled={readOnly !== undefined}
                onChange={(event) => edit(key, { network: event.target.value })}
              />
            </Field>
            <Field label={`Note, line ${i + 1}`} hideLabel className="max-sm:order-last max-sm:col-span-2">
              <Input
                value={note}
                placeholder="Office, VPN, …"
                maxLength={NOTE_LENGTH}
                disabled={readOnly !== undefined}
                onChange={(event) => edit(key, { note: event.target.value })}
              />
            </Field>
            <IconButton
              label={`Remove line ${i + 1}`}
              icon={<Trash2 aria-hidden />}
              disabledReason={readOnly}
              onClick={() => onChange(rows.filter((row) => row.key !== key))}
            />
          </li>
        ))}
      </ul>
      <Button
        size="sm"
        className="justify-self-start"
        icon={<Plus aria-hidden />}
        disabledReason={readOnly ?? (rows.length >= MOST_NETWORKS && `${MOST_NETWORKS} lines at most`)}
        onClick={() => onChange([...rows, rowOf()])}
      >
        Add a line
      </Button>
    </div>
  )
}
