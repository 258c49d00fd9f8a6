'use client'

import { useRouter } from 'next/navigation'
import { SliceField, useSlice } from '@/app/(console)/_components/usage/slice-form'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { Meter } from '@/ui/progress'
import { TextLink } from '@/ui/text-link'

interface Props {
  tenant: { id: string; name: string }
  hosts: number
  slice: number | null
  usageHref: string
}

/** How many hosts of the licence a tenant may have, for its provider. */
export function SliceCard({ tenant, hosts, slice: stored, usageHref }: Props) {
  const router = useRouter()
  const slice = useSlice(tenant, stored, () => router.refresh())
  return (
    <Card
      title="Hosts of the licence"
      description={`How many ${tenant.name} may have. What it has already stays; new ones are refused.`}
      actions={<TextLink href={usageHref}>Usage</TextLink>}
    >
      <form
        method="post"
        onSubmit={(event) => {
          event.preventDefault()
          void slice.save()
        }}
        noValidate
        className="grid gap-4"
      >
        {stored !== null && (
          <Meter
            label="In use"
            value={hosts}
            max={stored}
            text={`${hosts.toLocaleString('en')} of ${stored.toLocaleString('en')}`}
            dangerAt={1}
          />
        )}
        <div className="max-w-xs">
          <SliceField slice={slice} hosts={hosts} />
        </div>
        <Button
          type="submit"
          loading={slice.form.pending}
          disabledReason={!slice.changed && 'Nothing is changed yet'}
          className="justify-self-start"
        >
          Save slice
        </Button>
      </form>
    </Card>
  )
}
