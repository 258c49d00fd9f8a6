'use client'

import { useState } from 'react'
import { KINDS } from '@/app/(console)/settings/identity/kinds'
import type { KindName } from '@/server/features/identity/provider.schema'
import { Button } from '@/ui/button'
import { RadioCards } from '@/ui/radio-cards'
import { Sheet } from '@/ui/sheet'

const CHOICES = Object.entries(KINDS).map(([value, { label, description }]) => ({
  value,
  label,
  description,
}))

interface Props {
  onChoose: (kind: KindName) => void
  onClose: () => void
}

/** Asks what kind of source is to be added. */
export function KindSheet({ onChoose, onClose }: Props) {
  const [kind, setKind] = useState<KindName>('oidc')
  return (
    <Sheet
      open
      onOpenChange={onClose}
      title="Add an identity source"
      onSubmit={(event) => {
        event.preventDefault()
        onChoose(kind)
      }}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary">
            Next
          </Button>
        </>
      }
    >
      <RadioCards
        legend="What speaks it"
        name="kind"
        options={CHOICES}
        value={kind}
        onChange={(value) => setKind(value as KindName)}
      />
    </Sheet>
  )
}
