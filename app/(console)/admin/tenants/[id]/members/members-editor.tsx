'use client'

import { useState, type FormEvent } from 'react'
import { useRouter } from 'next/navigation'
import { api } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import { EffectsPreview } from '@/app/(console)/_components/resources/effects-preview'
import type { MembersMapView } from '@/server/features/members-map/members-map.schema'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { Field } from '@/ui/field'
import { Textarea } from '@/ui/textarea'
import { toast } from '@/ui/toast'

/** The text as a map; or what is wrong with it. */
function readText(text: string): { map: Record<string, string[]> } | { problem: string } {
  try {
    const value: unknown = JSON.parse(text)
    const isMap = typeof value === 'object' && value !== null && !Array.isArray(value)
    const isList = (one: unknown) => Array.isArray(one) && one.every((item) => typeof item === 'string')
    if (!isMap) return { problem: 'A map begins with { and ends with }' }
    const [wrong] = Object.entries(value).find(([, one]) => !isList(one)) ?? []
    if (wrong !== undefined) return { problem: `${wrong}: give a list of names, such as ["web-01"]` }
    return { map: value as Record<string, string[]> }
  } catch (error) {
    return { problem: `This is not JSON: ${error instanceof Error ? error.message : ''}` }
  }
}

/** The members map as JSON, checked while it is written; says who gains and loses what before it is saved. */
export function MembersEditor({ tenantId, state }: { tenantId: string; state: MembersMapView }) {
  const router = useRouter()
  const stored = JSON.stringify(state.map, null, 2)
  const [text, setText] = useState(stored)
  const [asked, setAsked] = useState<string | null>(null)
  const form = useSubmit('members')
  const read = readText(text)
  const problem = 'problem' in read ? read.problem : null
  const map = 'map' in read ? read.map : {}
  const same = JSON.stringify(map, null, 2) === stored
  const input = { tenantId, map, version: state.version }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (problem || same || form.pending) return
    void form.submit(async () => {
      await api().membersMap.set.mutate(input)
      toast.success('The members map is saved.')
      setAsked(null)
      router.refresh()
    })
  }
  return (
    <Card
      title="As JSON"
      description="Types with the names or ids of what the tenant is given. “*” is all of a type, also what is to come; what is not named is nothing."
    >
      <form className="grid gap-4" onSubmit={submit}>
        {form.errors.map(({ message }) => (
          <Alert key={message} tone="danger">
            {message}
          </Alert>
        ))}
        <Field
          label="Members"
          error={problem ?? undefined}
          hint={`Types: ${state.types.map(({ type }) => type).join(', ')}`}
        >
          <Textarea
            rows={12}
            className="font-mono"
            spellCheck={false}
            readOnly={!state.can.set}
            value={text}
            onChange={(event) => {
              setText(event.target.value)
              setAsked(null)
            }}
          />
        </Field>
        <EffectsPreview
          question={asked}
          ask={(signal) => api().membersMap.preview.query(input, { signal })}
        />
        <div className="flex flex-wrap justify-end gap-2">
          <Button
            disabledReason={problem ?? (same && 'Nothing is changed yet')}
            onClick={() => setAsked(JSON.stringify(input))}
          >
            What will change?
          </Button>
          <Button
            type="submit"
            variant="primary"
            loading={form.pending}
            disabledReason={state.why.set ?? problem ?? (same && 'Nothing is changed yet')}
          >
            Save members map
          </Button>
        </div>
      </form>
    </Card>
  )
}
