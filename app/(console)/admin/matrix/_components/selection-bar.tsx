'use client'

import { ChevronDown } from 'lucide-react'
import { LEVEL_WORDS, type Target } from '@/lib/matrix'
import { Button } from '@/ui/button'
import { DropdownMenu } from '@/ui/dropdown-menu'
import { MenuItem, MenuSeparator } from '@/ui/menu-items'
import { type MatrixEdit, type Pending, sizeOf } from './use-matrix-edit'

const ORDER: { to: Target; says: string; key: string }[] = [
  { to: 'none', says: 'Its share or assignment ends', key: 'N' },
  { to: 'sees', says: 'Shared with it to look at', key: 'S' },
  { to: 'edits', says: 'Shared with it to edit', key: 'E' },
  { to: 'uses', says: 'Assigned to it: it alone uses it, and all shares end', key: 'U' },
]

interface Props {
  edit: MatrixEdit
  pending: Pending
  onDiscard: () => void
  onReview: () => void
  /** Why this person may change nothing. */
  refusal: string | null
}

const count = (n: number, one: string, many: string) => `${n.toLocaleString('en')} ${n === 1 ? one : many}`

/** What is selected and what waits, with what can be done with them. Says how it begins while there is nothing. */
export function SelectionBar({ edit, pending, onDiscard, onReview, refusal }: Props) {
  const waiting = sizeOf(pending)
  const chosen = edit.selected.size
  return (
    <section
      aria-label="Changes"
      className="sticky bottom-0 z-30 flex min-h-12 flex-wrap items-center gap-2 rounded-lg border border-line bg-surface px-3 py-2 text-sm shadow-card"
    >
      <span role="status" className="text-muted">
        {chosen > 0
          ? `${count(chosen, 'cell', 'cells')} selected`
          : 'Select cells, a row or a column to change them.'}
      </span>
      {chosen > 0 && (
        <>
          <DropdownMenu
            label="Set to"
            side="top"
            trigger={
              <Button icon={<ChevronDown aria-hidden />} disabledReason={refusal}>
                Set to…
              </Button>
            }
          >
            {ORDER.map(({ to, says, key }) => (
              <MenuItem key={to} description={says} shortcut={key} onSelect={() => edit.setCells(to)}>
                {LEVEL_WORDS[to]}
              </MenuItem>
            ))}
            <MenuSeparator />
            <MenuItem description="Offered to all tenants" onSelect={() => edit.setRows('public')}>
              Make these resources public
            </MenuItem>
            <MenuItem description="Taken back from all" onSelect={() => edit.setRows('private')}>
              Make these resources private
            </MenuItem>
          </DropdownMenu>
          <Button variant="ghost" onClick={edit.clear}>
            Clear selection
          </Button>
        </>
      )}
      {waiting > 0 && (
        <span className="ml-auto flex flex-wrap items-center gap-2">
          <span className="font-medium">{count(waiting, 'change waits', 'changes wait')}</span>
          <Button variant="ghost" onClick={onDiscard}>
            Discard
          </Button>
          <Button variant="primary" onClick={onReview}>
            Review and apply
          </Button>
        </span>
      )}
    </section>
  )
}
