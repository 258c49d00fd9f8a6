'use client'

import { type FormEvent, useEffect, useState } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import { useChange } from '@/app/(console)/_components/resources/use-change'
import { ActDialog } from '@/app/(console)/infrastructure/virtual-machines/_components/act-dialog'
import type { SnapshotList } from '@/server/features/machines/machines.schema'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'
import { RelativeTime } from '@/ui/relative-time'
import { Spinner } from '@/ui/spinner'

interface Props {
  machine: { id: string; name: string }
  onClose: () => void
}

/** The snapshots of a machine as its cloud has them: take one, go back to one, delete one. */
export function SnapshotsDialog({ machine, onClose }: Props) {
  const [list, setList] = useState<SnapshotList | null>(null)
  const [name, setName] = useState('')
  const [asked, setAsked] = useState<{ action: 'rollback' | 'delete_snapshot'; snapshot: string } | null>(
    null,
  )
  const { pending, error, run } = useChange(onClose)
  useEffect(() => {
    api()
      .machines.snapshots.query({ id: machine.id })
      .then(setList, (caught: unknown) => setList({ rows: [], why: problemOf(caught).message }))
  }, [machine.id])
  const take = (event: FormEvent) => {
    event.preventDefault()
    if (pending || name.trim() === '') return
    void run(
      () => api().machines.act.mutate({ id: machine.id, action: 'snapshot', snapshot: name }),
      `A snapshot of ${machine.name} is asked for.`,
    )
  }
  if (asked) return <ActDialog machine={machine} {...asked} onClose={onClose} />
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Snapshots of ${machine.name}`}
      description="Its disks as they were. A snapshot is no backup: it goes with the machine."
      dismissible={!pending}
      onSubmit={take}
      footer={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button
            type="submit"
            variant="primary"
            loading={pending}
            disabledReason={name.trim() === '' && 'Give the snapshot a name'}
          >
            Take a snapshot
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        {error && <Alert tone="danger">{error}</Alert>}
        <Field label="Name of a new one" hint="Letters, digits, - and _, beginning with a letter">
          <Input
            value={name}
            maxLength={40}
            spellCheck={false}
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
        {list === null ? (
          <p className="flex items-center gap-2 text-sm text-muted">
            <Spinner /> Asking the cloud…
          </p>
        ) : list.rows.length === 0 ? (
          <p className="text-sm text-muted">{list.why || 'There is none yet.'}</p>
        ) : (
          <ul>
            {list.rows.map((row) => (
              <li
                key={row.name}
                className="flex flex-wrap items-center gap-2 border-b border-line py-2 last:border-b-0"
              >
                <span className="grid min-w-0 flex-1 text-sm">
                  <span className="font-medium wrap-anywhere">{row.name}</span>
                  <span className="text-xs text-muted">
                    {row.takenAt !== null && <RelativeTime date={row.takenAt} />} {row.description}
                  </span>
                </span>
                <Button
                  size="sm"
                  aria-label={`Roll back to ${row.name}`}
                  onClick={() => setAsked({ action: 'rollback', snapshot: row.name })}
                >
                  Roll back
                </Button>
                <Button
                  size="sm"
                  aria-label={`Delete ${row.name}`}
                  onClick={() => setAsked({ action: 'delete_snapshot', snapshot: row.name })}
                >
                  Delete
                </Button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Dialog>
  )
}
