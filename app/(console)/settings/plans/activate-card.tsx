'use client'

import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import { api, postApi } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import { capabilityLabel } from '@/lib/capabilities'
import type { KeyContent, Licences } from '@/server/features/licence/licence.schema'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { DescriptionList } from '@/ui/description-list'
import { Field } from '@/ui/field'
import { formatDate } from '@/ui/format-time'
import { Textarea } from '@/ui/textarea'
import { toast } from '@/ui/toast'
import { hostsText } from '@/app/(console)/_components/licence-words'

/** Where a licence key is entered: read first, activated when one has seen what is in it. */
export function ActivateCard({ state }: { state: Licences }) {
  const [key, setKey] = useState('')
  const [content, setContent] = useState<KeyContent | null>(null)
  const form = useSubmit('licence-key')
  const read = (event: FormEvent) => {
    event.preventDefault()
    void form.submit(async () => setContent(await postApi().licence.readKey.query({ key })))
  }
  const general = form.errors.find(({ field }) => !field)?.message
  return (
    <Card
      title="Activate a licence key"
      description="A key works without any connection to the internet. It is issued for this installation alone."
    >
      <form onSubmit={read} className="grid gap-4" noValidate>
        <DescriptionList
          items={[{ label: 'Installation id', value: state.installId, mono: true, copy: state.installId }]}
        />
        {!state.takesKeys && (
          <Alert tone="info" title="This server knows no publisher of licence keys">
            Whoever runs it sets LICENCE_PUBLIC_KEYS to the public key of the publisher (docs/licence.md).
          </Alert>
        )}
        {general && <Alert tone="danger">{general}</Alert>}
        <Field
          label="Licence key"
          {...form.field('key')}
          hint="Begins with FREEHOLD1. Line breaks do not matter."
        >
          <Textarea
            mono
            spellCheck={false}
            autoComplete="off"
            value={key}
            disabled={!state.takesKeys}
            onChange={(event) => setKey(event.target.value)}
          />
        </Field>
        <div>
          <Button
            type="submit"
            loading={form.pending}
            disabledReason={
              (!state.can.activate && state.why.activate) ||
              (!state.takesKeys && 'No publisher of licence keys is known here')
            }
          >
            Read key
          </Button>
        </div>
      </form>
      {content && (
        <ConfirmActivation
          content={content}
          licenceKey={key}
          onClose={() => setContent(null)}
          onDone={() => {
            setContent(null)
            setKey('')
          }}
        />
      )}
    </Card>
  )
}

type ConfirmProps = { content: KeyContent; licenceKey: string; onClose: () => void; onDone: () => void }

function ConfirmActivation({ content, licenceKey, onClose, onDone }: ConfirmProps) {
  const router = useRouter()
  const form = useSubmit('licence-activate')
  const run = async () => {
    await api().licence.activate.mutate({ key: licenceKey })
    toast.success('The licence key is activated.')
    onDone()
    router.refresh()
  }
  const { customer, capabilities, hosts, startsAt, expiresAt, supersedes } = content
  return (
    <ConfirmDialog
      open
      tone="default"
      onOpenChange={onClose}
      title="Activate this licence?"
      consequences={
        supersedes > 0
          ? [`${supersedes === 1 ? 'One earlier key' : `${supersedes} earlier keys`} ends with it`]
          : undefined
      }
      confirmLabel="Activate"
      pending={form.pending}
      error={form.errors[0]?.message}
      onConfirm={() => void form.submit(run)}
    >
      <DescriptionList
        items={[
          { label: 'Issued to', value: customer },
          { label: 'Covers', value: capabilities.map(capabilityLabel).join(', ') },
          { label: 'Hosts', value: hostsText(hosts) },
          { label: 'From', value: formatDate(Date.parse(startsAt)) },
          { label: 'Until', value: formatDate(Date.parse(expiresAt)) },
        ]}
      />
    </ConfirmDialog>
  )
}
