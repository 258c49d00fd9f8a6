import { SquareTerminal } from 'lucide-react'
import { Doings } from '@/app/(console)/infrastructure/virtual-machines/_components/doings'
import { MachineActions } from '@/app/(console)/infrastructure/virtual-machines/_components/machine-actions'
import { formatBytes } from '@/lib/units'
import type { ConsolePaths } from '@/lib/paths'
import type { ConsoleView } from '@/server/features/machines/consoles.schema'
import type { MachineView } from '@/server/features/machines/machines.schema'
import { Alert } from '@/ui/alert'
import { ButtonLink } from '@/ui/button'
import { Card } from '@/ui/card'
import { DescriptionList, type Fact } from '@/ui/description-list'
import { RelativeTime } from '@/ui/relative-time'

interface Props {
  machine: { id: string; name: string }
  view: MachineView
  /** Null where it was entered by hand. */
  screen: ConsoleView | null
  paths: Pick<ConsolePaths, 'consoleOf'>
}

/** On a virtual machine's page: what its cloud tells of it, and what is done with it there. Nothing for one that was entered by hand. */
export function MachineCard({ machine, view, screen, paths }: Props) {
  const { found, doings } = view
  if (!found) return null
  return (
    <Card
      title="In its cloud"
      actions={
        <>
          {screen?.kind && (
            <ButtonLink
              size="sm"
              href={paths.consoleOf(machine.id)}
              icon={<SquareTerminal aria-hidden />}
              disabledReason={!screen.may.allowed && screen.may.reason}
            >
              Console
            </ButtonLink>
          )}
          <MachineActions machine={machine} view={view} />
        </>
      }
    >
      <div className="grid gap-3">
        {found.missingSince !== null && (
          <Alert tone="warning" title="Its cloud does not tell of it any more">
            Missing since <RelativeTime date={found.missingSince} />. A day after, it is removed here.
          </Alert>
        )}
        <DescriptionList items={factsOf(found)} />
        {doings.length > 0 && <Doings doings={doings} />}
      </div>
    </Card>
  )
}

function factsOf({ externalId, usage, told, asOf }: NonNullable<MachineView['found']>): Fact[] {
  const { cpu, memoryUsed, memoryTotal, diskUsed, diskTotal, since } = usage
  const all: (Fact | false)[] = [
    cpu !== null && { label: 'CPU', value: `${Math.round(cpu * 100)} %` },
    memoryTotal !== null && { label: 'Memory', value: share(memoryUsed, memoryTotal) },
    diskTotal !== null && { label: 'Disk', value: share(diskUsed, diskTotal) },
    since !== null && { label: 'Running since', value: <RelativeTime date={since} /> },
    ...told.map(({ label, value }) => ({ label, value })),
    { label: 'Id in the cloud', value: externalId, copy: externalId, mono: true },
    asOf !== null && { label: 'As of', value: <RelativeTime date={asOf} /> },
  ]
  return all.filter((fact) => fact !== false)
}

const share = (used: number | null, total: number): string =>
  used === null || used === 0 ? formatBytes(total) : `${formatBytes(used)} of ${formatBytes(total)}`
