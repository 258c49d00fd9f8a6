'use client'

import { useRouter } from 'next/navigation'
import { useState, type FormEvent } from 'react'
import { api } from '@/app/_lib/api-client'
import { MoveReview } from '@/app/(console)/_components/host-moves/review'
import { useAnswer } from '@/app/_lib/use-answer'
import { TenantPicker } from '@/app/(console)/_components/resources/tenant-picker'
import { useChange } from '@/app/(console)/_components/resources/use-change'
import { consolePaths } from '@/lib/paths'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import type { PickerOption } from '@/ui/picker-panel'
import { SkeletonText } from '@/ui/skeleton'

interface Props {
  hosts: readonly { id: string; name: string }[]
  onClose: () => void
}

/** Actions > Migrate devices: hosts go to another tenant for good, all of them or none (PRODUCT rule 13). */
export function MigrateDialog({ hosts, onClose }: Props) {
  const router = useRouter()
  const [tenant, setTenant] = useState<PickerOption | null>(null)
  const { pending, error, run } = useChange(onClose)
  const input = { ids: hosts.map(({ id }) => id), tenantId: tenant?.value ?? '' }
  const { value: plan, problem } = useAnswer(tenant && JSON.stringify(input), (signal) =>
    api().hostMoves.preview.query(input, { signal }),
  )
  const [first] = hosts
  const what = hosts.length === 1 && first ? first.name : `${hosts.length} hosts`
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!tenant || pending || !plan || plan.blocked > 0) return
    const started: { taskId?: string } = {}
    void run(
      async () => {
        started.taskId = (await api().hostMoves.start.mutate(input)).taskId
      },
      () => `${what} on the way to ${tenant.label}.`,
      () => started.taskId && router.push(consolePaths('').task(started.taskId)),
    )
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Migrate ${what}`}
      description="They become the other tenant’s own, with all that stands on them. All of them go, or none."
      dismissible={!pending}
      onSubmit={submit}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            variant="primary"
            loading={pending}
            disabledReason={
              !tenant
                ? 'Choose a tenant first'
                : problem !== null || (plan && plan.blocked > 0)
                  ? 'They cannot go there'
                  : !plan && 'One moment'
            }
          >
            Migrate
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        {(error ?? problem) && <Alert tone="danger">{error ?? problem}</Alert>}
        <TenantPicker
          kind="host"
          hint="Where they go: a tenant, or the master tenant itself."
          value={tenant}
          onChange={setTenant}
        />
        {plan ? (
          <MoveReview
            {...plan}
            kept="They cannot migrate"
            more={{ title: 'Good to know', lines: plan.notes }}
          />
        ) : (
          tenant && !problem && <SkeletonText lines={4} />
        )}
      </div>
    </Dialog>
  )
}
