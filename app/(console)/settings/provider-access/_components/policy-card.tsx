'use client'

import { useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useChange } from '@/app/(console)/_components/resources/use-change'
import type { ProviderAccess } from '@/server/features/provider-access/provider-access.schema'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { RadioCards } from '@/ui/radio-cards'

const CHOICES = [
  {
    value: 'always',
    label: 'Always',
    description: 'They may come in when there is a reason. You see who, when, why and what they did.',
  },
  {
    value: 'ask',
    label: 'Ask first',
    description: 'They ask, and come in once somebody who manages users here agrees.',
  },
  {
    value: 'never',
    label: 'Never',
    description: 'Nobody of the provider acts as one of your users. Whoever is in is out at once.',
  },
]

/** Whether the provider's people may act as users of this tenant. */
export function PolicyCard({ access }: { access: ProviderAccess }) {
  const { pending, error, run } = useChange(() => undefined)
  const [policy, setPolicy] = useState<string>(access.effective)
  const { can, why, locked, effective } = access
  const save = () =>
    void run(
      () => api().providerAccess.set.mutate({ policy: policy as ProviderAccess['own'] }),
      'Saved: it holds from now on.',
    )
  return (
    <Card
      title="May your provider act as one of your users?"
      footer={
        <>
          <span>{why.change ?? 'Every change of this stands in your audit log.'}</span>
          <Button
            size="sm"
            variant="primary"
            loading={pending}
            disabledReason={(!can.change && why.change) || (policy === effective && 'Nothing has changed')}
            onClick={save}
          >
            Save
          </Button>
        </>
      }
    >
      <div className="grid gap-3">
        {error && <Alert tone="danger">{error}</Alert>}
        {locked !== null && (
          <Alert tone="info">
            Your provider has settled this for your tenant; it is shown here as it holds.
          </Alert>
        )}
        <RadioCards
          legend="May your provider act as one of your users?"
          hideLegend
          name="policy"
          columns={3}
          options={CHOICES.map((choice) => ({ ...choice, disabled: !can.change }))}
          value={policy}
          onChange={setPolicy}
        />
      </div>
    </Card>
  )
}
