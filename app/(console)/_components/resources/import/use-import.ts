'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { api, postApi } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import type { Named } from '@/app/(console)/_components/resources/form/form-values'
import { guessMapping, type InventoryTable, type Mapping, readInventory, rowsOf } from '@/lib/inventory'
import type { KindView } from '@/lib/resource-kinds/kind'
import type { ImportPlan } from '@/server/features/imports/imports.schema'
import { toast } from '@/ui/toast'

type Existing = 'update' | 'skip'
/** The server takes bodies of a million bytes. */
const MOST_BYTES = 950_000

/** The state of an import: a text, how its columns are read, and what the server says would come of it. */
export function useImport(kind: KindView, done: string) {
  const [text, setText] = useState('')
  const [table, setTable] = useState<InventoryTable | null>(null)
  const [unreadable, setUnreadable] = useState<string | undefined>()
  const [mapping, setMapping] = useState<Mapping>([])
  const [cloud, setCloud] = useState<Named[]>([])
  const [existing, setExisting] = useState<Existing>('update')
  const [plan, setPlan] = useState<ImportPlan | null>(null)
  const form = useSubmit('import')
  const router = useRouter()

  const read = (next: string) => {
    const found = next.trim() === '' ? null : readInventory(next)
    setText(next)
    setPlan(null)
    setUnreadable(typeof found === 'string' ? found : undefined)
    setTable(typeof found === 'string' ? null : found)
    setMapping(found && typeof found !== 'string' ? guessMapping(found.columns, kind) : [])
  }
  /** What was said of the rows holds for these choices only. */
  const changing =
    <T>(set: (value: T) => void) =>
    (value: T) => {
      set(value)
      setPlan(null)
    }
  const input = () => ({
    kind: kind.kind,
    cloudId: cloud[0]?.id,
    existing,
    rows: table ? rowsOf(table, mapping) : [],
  })
  const tooLarge = table !== null && new Blob([JSON.stringify(input())]).size > MOST_BYTES
  const preview = async () => setPlan(await postApi().imports.preview.query(input()))
  const run = async () => {
    const { created, updated, leftOut } = await api().imports.run.mutate({ ...input(), leaveOutWrong: true })
    const parts = [`${created} made`, `${updated} changed`, ...(leftOut > 0 ? [`${leftOut} left out`] : [])]
    toast.success(`Imported: ${parts.join(', ')}.`)
    router.push(done)
    router.refresh()
  }
  return {
    form,
    text,
    read,
    table,
    unreadable,
    mapping,
    setMapping: changing(setMapping),
    cloud,
    setCloud: changing(setCloud),
    existing,
    setExisting: changing(setExisting),
    plan,
    tooLarge,
    send: () => form.submit(plan ? run : preview),
  }
}
