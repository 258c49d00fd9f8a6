'use client'

import type { FormEvent } from 'react'
import { RefEditor } from '@/app/(console)/_components/resources/form/ref-editor'
import { ColumnMapping } from '@/app/(console)/_components/resources/import/column-mapping'
import { ImportPreview } from '@/app/(console)/_components/resources/import/import-preview'
import { useImport } from '@/app/(console)/_components/resources/import/use-import'
import { importable } from '@/lib/inventory'
import type { KindView } from '@/lib/resource-kinds/kind'
import { Button, ButtonLink } from '@/ui/button'
import { Card } from '@/ui/card'
import { Field } from '@/ui/field'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { RadioCards } from '@/ui/radio-cards'
import { Textarea } from '@/ui/textarea'

const EXISTING = [
  {
    value: 'update',
    label: 'Change them',
    description: 'What the file says replaces what they have; the rest stays.',
  },
  { value: 'skip', label: 'Leave them alone', description: 'Only what is new is made.' },
] as const

/** Reads an inventory of one kind, shows what would come of it, and imports it as a whole. @param done the list of the kind */
export function ImportForm({ kind, done }: { kind: KindView; done: string }) {
  const it = useImport(kind, done)
  const named = it.mapping.includes('name')
  const ready = it.plan ? it.plan.counts.create + it.plan.counts.update : 0
  return (
    <form
      method="post"
      noValidate
      className="grid max-w-4xl gap-4"
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        if (!it.form.pending) void it.send()
      }}
    >
      <FormErrorSummary errors={it.form.errors} title="It cannot be imported" />
      <Card title="Inventory" description={columnsHint(kind)}>
        <div className="grid gap-4">
          <Field id="import-file" label="File" hint="CSV with column names in its first line, or a JSON list">
            <input
              id="import-file"
              type="file"
              accept=".csv,.tsv,.txt,.json,text/csv,application/json"
              className="text-sm file:mr-3 file:rounded-md file:border file:border-line-strong file:bg-surface file:px-3 file:py-1.5 file:text-sm"
              onChange={(event) => void event.target.files?.[0]?.text().then(it.read)}
            />
          </Field>
          <Field id="import-text" label="Or its text" error={it.unreadable}>
            <Textarea
              mono
              rows={6}
              value={it.text}
              spellCheck={false}
              onChange={(event) => it.read(event.target.value)}
            />
          </Field>
        </div>
      </Card>
      {it.table && (
        <>
          <ColumnMapping kind={kind} table={it.table} mapping={it.mapping} onChange={it.setMapping} />
          <Card title="Where, and what is there already">
            <div className="grid gap-4 sm:grid-cols-2">
              {kind.inCloud && (
                <RefEditor
                  kind={kind.kind}
                  name="cloud"
                  label="Cloud"
                  hint="In which all of them stand; without it in none"
                  field={it.form.field('cloudId')}
                  value={it.cloud}
                  onChange={it.setCloud}
                />
              )}
              <div className="sm:col-span-2">
                <RadioCards
                  legend={`${kind.plural} of the same name there that are yours`}
                  name="existing"
                  columns={2}
                  options={EXISTING}
                  value={it.existing}
                  onChange={(value) => it.setExisting(value === 'skip' ? 'skip' : 'update')}
                />
              </div>
            </div>
          </Card>
        </>
      )}
      {it.plan && <ImportPreview kind={kind} plan={it.plan} />}
      <div className="flex justify-end gap-2">
        <ButtonLink href={done}>Cancel</ButtonLink>
        <Button
          type="submit"
          variant="primary"
          loading={it.form.pending}
          disabledReason={whyNot(it.table !== null, named, it.tooLarge, it.plan !== null, ready)}
        >
          {it.plan ? buttonWords(ready, it.plan.counts.wrong) : 'See what would be imported'}
        </Button>
      </div>
    </form>
  )
}

const columnsHint = (kind: KindView): string =>
  `Columns: name, ${importable(kind)
    .map(([, { label }]) => label.toLowerCase())
    .join(', ')}. Sizes without a unit are GiB; several values are separated by semicolons.`

function whyNot(
  hasTable: boolean,
  named: boolean,
  tooLarge: boolean,
  planned: boolean,
  ready: number,
): string | false {
  if (!hasTable) return 'Choose a file or paste its text first'
  if (!named) return 'Say which column has the names'
  if (tooLarge) return 'This is too much at once: divide the file'
  return planned && ready === 0 && 'There is nothing to make or change'
}

const buttonWords = (ready: number, wrong: number): string =>
  wrong > 0 ? `Import ${ready}, leave out ${wrong}` : `Import ${ready}`
