'use client'

import { Check, CircleAlert } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import { api, postApi } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import type { ImportResult } from '@/server/features/roles/roles.schema'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { Field } from '@/ui/field'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { Textarea } from '@/ui/textarea'
import { toast } from '@/ui/toast'

/** A file of roles: read, tried, and then imported as a whole. @param done the list of roles */
export function ImportForm({ done }: { done: string }) {
  const [text, setText] = useState('')
  const [plan, setPlan] = useState<ImportResult | null>(null)
  const form = useSubmit('import')
  const router = useRouter()
  const fits = plan !== null && plan.rows.every(({ ok }) => ok)
  const put = (next: string) => {
    setText(next)
    setPlan(null)
  }
  const run = async () => {
    if (!fits) return setPlan(await postApi().roles.planImport.query({ text }))
    const { rows } = await api().roles.import.mutate({ text })
    toast.success(rows.length === 1 ? '1 role is imported.' : `${rows.length} roles are imported.`)
    router.push(done)
    router.refresh()
  }
  return (
    <form
      className="grid max-w-3xl gap-4"
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        void form.submit(run)
      }}
    >
      <FormErrorSummary errors={form.errors} title="It cannot be imported" />
      <Field id="import-file" label="File">
        <input
          id="import-file"
          type="file"
          accept="application/json,.json"
          className="text-sm file:mr-3 file:rounded-md file:border file:border-line-strong file:bg-surface file:px-3 file:py-1.5 file:text-sm"
          onChange={(event) => void event.target.files?.[0]?.text().then(put)}
        />
      </Field>
      <Field {...form.field('text')} label="Or its text" required>
        <Textarea rows={8} value={text} spellCheck={false} onChange={(event) => put(event.target.value)} />
      </Field>
      {plan && <Plan plan={plan} />}
      <div>
        <Button
          type="submit"
          variant="primary"
          loading={form.pending}
          disabledReason={text.trim() === '' && 'Choose a file first'}
        >
          {fits
            ? plan.rows.length === 1
              ? 'Import 1 role'
              : `Import ${plan.rows.length} roles`
            : 'See what would be imported'}
        </Button>
      </div>
    </form>
  )
}

function Plan({ plan }: { plan: ImportResult }) {
  const wrong = plan.rows.filter(({ ok }) => !ok).length
  return (
    <Card
      title={wrong === 0 ? 'All of it can be imported' : `${wrong} of ${plan.rows.length} cannot be imported`}
      description={
        wrong === 0 ? undefined : 'All of a file is imported, or nothing. Change it and try again.'
      }
      padded={false}
    >
      <ul className="divide-y divide-line text-sm" role="status">
        {plan.rows.map((row, i) => (
          <li key={`${i} ${row.name}`} className="flex items-start gap-2 px-4 py-2">
            {row.ok ? (
              <Check aria-label="Fits" className="mt-0.5 size-4 shrink-0 text-success-ink" />
            ) : (
              <CircleAlert aria-label="Does not fit" className="mt-0.5 size-4 shrink-0 text-danger-ink" />
            )}
            <span>
              {row.name}
              {row.why !== '' && <span className="block text-xs text-muted">{row.why}</span>}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  )
}
