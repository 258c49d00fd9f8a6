import type { Metadata } from 'next'
import { definePage } from '@/app/_lib/define-page'
import { ConsolePane } from '@/app/(console)/infrastructure/virtual-machines/[id]/console/console-pane'
import { VIRTUAL_MACHINE } from '@/lib/resource-kinds/virtual-machine'
import { ButtonLink } from '@/ui/button'
import { EmptyState } from '@/ui/empty-state'
import { PageHeader } from '@/ui/page-header'

export const metadata: Metadata = { title: 'Console' }

export default definePage(
  '(console)/infrastructure/virtual-machines/[id]/console',
  async ({ api, paths, params }) => {
    const id = params.id ?? ''
    const { name, kind, may } = await api.consoles.get({ id })
    const machine = paths.resource(VIRTUAL_MACHINE, id)
    return (
      <>
        <PageHeader
          title={`Console of ${name}`}
          breadcrumbs={[
            { label: VIRTUAL_MACHINE.plural, href: paths.kind(VIRTUAL_MACHINE) },
            { label: name, href: machine },
            { label: 'Console' },
          ]}
        />
        {kind && may.allowed ? (
          <ConsolePane machineId={id} kind={kind} />
        ) : (
          <EmptyState
            title="There is no console to open now"
            action={<ButtonLink href={machine}>Back to {name}</ButtonLink>}
          >
            {may.reason}
          </EmptyState>
        )}
      </>
    )
  },
)
