'use client'

import { useRouter } from 'next/navigation'
import { type ReactNode, useState } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import type { TenantPrefix } from '@/lib/host'
import { consolePaths } from '@/lib/paths'
import type { SetupState, TenantDetail } from '@/server/features/tenants/tenants.schema'
import { Button, ButtonLink } from '@/ui/button'
import { Checklist } from '@/ui/checklist'
import { CopyButton } from '@/ui/copy-button'
import { toast } from '@/ui/toast'

type Step = SetupState['steps'][number]
interface Words {
  title: string
  description: ReactNode
  /** Where it is done. */
  action?: ReactNode
}

interface Props {
  tenant: TenantDetail
  setup: SetupState
  prefix: TenantPrefix
}

/** The guided set-up of a tenant: in any order, to be left and found again. What is done comes from the tenant's data. */
export function SetupChecklist({ tenant, setup, prefix }: Props) {
  const router = useRouter()
  const [pending, setPending] = useState<Step['id'] | null>(null)
  const paths = consolePaths(prefix)
  const skip = async (step: Step) => {
    setPending(step.id)
    try {
      await api().tenants.setup.set.mutate({ id: tenant.id, step: step.id, skipped: !step.skipped })
      router.refresh()
    } catch (error) {
      toast.error(problemOf(error).message)
    } finally {
      setPending(null)
    }
  }
  const items = setup.steps.map((step) => {
    const { title, description, action } = wordsOf(step.id, tenant, paths)
    return {
      id: step.id,
      title,
      description: step.skipped ? <>Skipped. {description}</> : description,
      done: step.done,
      optional: step.skipped,
      action: (
        <span className="flex flex-wrap justify-end gap-2">
          {!step.skipped && action}
          {!step.done && (
            <Button size="sm" variant="ghost" loading={pending === step.id} onClick={() => void skip(step)}>
              {step.skipped ? 'Take up again' : 'Skip'}
            </Button>
          )}
        </span>
      ),
    }
  })
  return (
    <Checklist
      title={`Set up ${tenant.name}`}
      items={items}
      aside={
        <ButtonLink
          size="sm"
          href={paths.tenant(tenant.id)}
          variant={setup.finished ? 'primary' : 'secondary'}
        >
          {setup.finished ? 'Finish' : 'Leave for now'}
        </ButtonLink>
      }
    />
  )
}

function wordsOf(step: Step['id'], tenant: TenantDetail, paths: ReturnType<typeof consolePaths>): Words {
  switch (step) {
    case 'role':
      return {
        title: 'Base role',
        description: `${tenant.role?.name ?? 'None'}: the most that anybody in ${tenant.name} may do. “Edit” above changes it.`,
      }
    case 'infrastructure':
      return {
        title: 'Hosts',
        description: 'Assign a host of yours to it, or let its people enrol their own.',
        action: (
          <>
            <ButtonLink size="sm" href={paths.hosts}>
              Assign a host
            </ButtonLink>
            <ButtonLink size="sm" href={paths.enrolHost}>
              Enrol one
            </ButtonLink>
          </>
        ),
      }
    case 'users':
      return {
        title: 'First user',
        description: 'Somebody who owns the tenant and lets others in.',
        action: (
          <ButtonLink size="sm" href={paths.tenantUsers(tenant.id)}>
            Open users
          </ButtonLink>
        ),
      }
    case 'handover':
      return {
        title: 'Hand it over',
        description: (
          <span className="inline-flex flex-wrap items-center gap-1">
            Done once somebody has signed in at <span className="font-mono">{tenant.address}</span>
            <CopyButton value={tenant.address} label="address" />
          </span>
        ),
      }
  }
}
