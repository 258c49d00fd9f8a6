import type { ConsolePaths } from '@/lib/paths'
import { can, type SignedInOp } from '@/server/context/op'
import { Checklist, type ChecklistItem } from '@/ui/checklist'

interface Props {
  op: SignedInOp
  paths: ConsolePaths
  /** Null: not to be seen by this person. */
  hosts: number | null
  tenants: number | null
  people: number | null
}

/** What to do next, for as long as something is left to do; each step leads where it is done. */
export function NextSteps({ op, paths, hosts, tenants, people }: Props) {
  const steps: (ChecklistItem | false)[] = [
    op.tenant.isMaster &&
      can(op, 'settings', 'full') && {
        id: 'multi-tenancy',
        title: 'Turn multi-tenancy on',
        description: 'So that you can create tenants and let their people in.',
        done: op.gate.state === 'on' || op.gate.state === 'expired',
        href: paths.settingsTenants,
      },
    op.tenant.isMaster &&
      can(op, 'tenants', 'full') && {
        id: 'tenant',
        title: 'Create your first tenant',
        description: 'A customer, department or site, on a subdomain of its own.',
        done: (tenants ?? 0) > 1,
        href: tenants === null ? undefined : paths.newTenant,
      },
    hosts !== null &&
      can(op, 'agents', 'full') && {
        id: 'host',
        title: 'Enrol your first host',
        description: 'One command on the machine; it appears here within seconds.',
        done: hosts > 0,
        href: paths.enrolHost,
      },
    !op.tenant.isMaster &&
      people !== null && {
        id: 'people',
        title: 'Invite your people',
        description: 'By e-mail; they choose their own username and password.',
        done: people > 1,
        href: paths.invitations,
      },
  ]
  const items = steps.filter((step): step is ChecklistItem => step !== false)
  if (items.every(({ done }) => done)) return null
  return <Checklist title="What to do next" items={items} />
}
