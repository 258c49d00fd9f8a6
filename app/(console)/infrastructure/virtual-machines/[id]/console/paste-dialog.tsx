'use client'

import { type FormEvent, useState } from 'react'
import type { ConsoleKind } from '@/server/features/machines/consoles.schema'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { Field } from '@/ui/field'
import { Textarea } from '@/ui/textarea'

interface Props {
  kind: ConsoleKind
  onPaste: (text: string) => void
  onClose: () => void
}

/** Text for the machine, typed or pasted here first: a screen knows no clipboard of ours. */
export function PasteDialog({ kind, onPaste, onClose }: Props) {
  const [text, setText] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (text !== '') onPaste(text)
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Paste into the machine"
      description={
        kind === 'screen'
          ? 'It is typed there key by key, as on a US keyboard.'
          : 'It is sent as if you had typed it.'
      }
      onSubmit={submit}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" disabledReason={text === '' && 'Enter a text'}>
            Paste
          </Button>
        </>
      }
    >
      <Field label="Text">
        <Textarea
          rows={5}
          value={text}
          maxLength={10_000}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => setText(event.target.value)}
        />
      </Field>
    </Dialog>
  )
}
