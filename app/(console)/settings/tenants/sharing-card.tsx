'use client'

import { api } from '@/app/_lib/api-client'
import { useChange } from '@/app/(console)/_components/resources/use-change'
import type { SharingSettings } from '@/server/features/settings/settings.schema'
import { Alert } from '@/ui/alert'
import { Card } from '@/ui/card'
import { Switch } from '@/ui/switch'

/** Whether shares wait until the other tenant accepts. */
export function SharingCard({ state }: { state: SharingSettings }) {
  const { pending, error, run } = useChange(() => undefined)
  const { requireAcceptance, can, why } = state
  const set = (value: boolean) =>
    void run(
      () => api().settings.sharing.set.mutate({ requireAcceptance: value }),
      value ? 'New shares wait until they are accepted.' : 'New shares hold at once.',
    )
  return (
    <Card title="Sharing between tenants">
      <div className="grid gap-3">
        {error && <Alert tone="danger">{error}</Alert>}
        <Switch
          label="Shares wait until they are accepted"
          description="An admin of the receiving tenant accepts or declines each new share, and each higher role. What you give tenants by their members map, or as tenants of an image, holds at once."
          checked={requireAcceptance}
          disabledReason={(!can.set && why.set) || (pending && 'Being saved')}
          onChange={(event) => set(event.target.checked)}
        />
      </div>
    </Card>
  )
}
