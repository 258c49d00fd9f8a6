'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import type { MultiTenancy } from '@/server/features/settings/settings.schema'
import { Card } from '@/ui/card'
import { Checkbox } from '@/ui/checkbox'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { Switch } from '@/ui/switch'
import { toast } from '@/ui/toast'

const ON = [
  'Administration > Tenants appears, and with it who may manage tenants',
  'Everything that exists now, users, hosts and the audit log, belongs to the master tenant and stays there',
  'Each tenant gets a subdomain of its own: your DNS and reverse proxy have to lead it here',
  'From the main host, people of tenants sign in as subdomain\\username',
]

/** The toggle of multi-tenancy, with the warning that it changes much. */
export function MultiTenancyCard({ state }: { state: MultiTenancy }) {
  const [asking, setAsking] = useState(false)
  const byEnvironment = state.source === 'environment'
  return (
    <Card
      title="Multi-tenancy"
      footer={
        byEnvironment ? <span>Set by MULTI_TENANT_ENABLED in the environment of the server.</span> : undefined
      }
    >
      <Switch
        label={state.enabled ? 'On' : 'Off'}
        description={describe(state)}
        checked={state.enabled}
        disabledReason={!state.can.set && state.why.set}
        onChange={() => setAsking(true)}
      />
      {asking && <ConfirmToggle state={state} onClose={() => setAsking(false)} />}
    </Card>
  )
}

function describe({ enabled, state, tenants }: MultiTenancy): string {
  if (!enabled)
    return tenants === 0
      ? 'There is only the master tenant.'
      : `${count(tenants)} cannot be used while it is off.`
  if (state === 'unlicensed') return 'On, but no licence covers it: tenants can neither be created nor used.'
  return tenants === 0 ? 'No subtenant has been created yet.' : `${count(tenants)} beside the master.`
}

const count = (tenants: number) =>
  `${tenants.toLocaleString('en')} ${tenants === 1 ? 'subtenant' : 'subtenants'}`

function ConfirmToggle({ state, onClose }: { state: MultiTenancy; onClose: () => void }) {
  const router = useRouter()
  const [read, setRead] = useState(false)
  const form = useSubmit('multi-tenancy')
  const enabled = !state.enabled
  const run = async () => {
    await api().settings.multiTenancy.set.mutate({ enabled, confirm: true })
    toast.success(`Multi-tenancy is ${enabled ? 'on' : 'off'}.`)
    onClose()
    router.refresh()
  }
  const off = [
    `The people of ${count(state.tenants)} are out at once`,
    'All their data stays, and comes back when you turn it on again',
  ]
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={enabled ? 'Turn multi-tenancy on?' : 'Turn multi-tenancy off?'}
      description="This changes much for everybody who uses this installation."
      consequences={enabled ? ON : off}
      tone={enabled ? 'default' : 'danger'}
      confirmLabel={enabled ? 'Turn on' : 'Turn off'}
      pending={form.pending}
      error={form.errors[0]?.message}
      disabledReason={!read && 'Confirm first that you have read it'}
      onConfirm={() => void form.submit(run)}
    >
      <Checkbox
        label="I have read what changes"
        checked={read}
        onChange={(event) => setRead(event.target.checked)}
      />
    </ConfirmDialog>
  )
}
