import { LiveRefresh } from '@/app/_components/live-refresh'
import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { prefixOf } from '@/app/_lib/prefix'
import { CreateMachineForm } from '@/app/(console)/infrastructure/virtual-machines/create/create-machine-form'
import { Creations } from '@/app/(console)/infrastructure/virtual-machines/create/creations'
import { CLOUD } from '@/lib/resource-kinds/cloud'
import { VIRTUAL_MACHINE } from '@/lib/resource-kinds/virtual-machine'
import { ButtonLink } from '@/ui/button'
import { EmptyState } from '@/ui/empty-state'
import { ErrorState } from '@/ui/error-state'
import { PageHeader } from '@/ui/page-header'

export const metadata = pageMetadata('(console)/infrastructure/virtual-machines/create')

export default definePage(
  '(console)/infrastructure/virtual-machines/create',
  async ({ op, api, paths, search }) => {
    const { create } = await api.resources.may({ kind: VIRTUAL_MACHINE.kind })
    if (!create.allowed)
      return (
        <ErrorState
          kind="forbidden"
          action={<ButtonLink href={paths.kind(VIRTUAL_MACHINE)}>Back to virtual machines</ButtonLink>}
        >
          {create.reason}
        </ErrorState>
      )
    const all = await api.machines.choices({})
    const chosen = all.clouds.find(({ id }) => id === search.cloud) ?? all.clouds[0]
    const choices = chosen ? await api.machines.choices({ cloudId: chosen.id }) : all
    return (
      <>
        <LiveRefresh ids={all.clouds.map(({ id }) => id)} />
        <PageHeader
          title="Create a machine"
          description="Made in a connected cloud, of an image or a template that stands there."
          breadcrumbs={[
            { label: VIRTUAL_MACHINE.plural, href: paths.kind(VIRTUAL_MACHINE) },
            { label: 'Create' },
          ]}
        />
        <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
          {choices.cloud ? (
            <CreateMachineForm
              key={choices.cloud.id}
              choices={choices}
              cloud={choices.cloud}
              prefix={prefixOf(op)}
            />
          ) : (
            <EmptyState
              title="There is no cloud to make it in"
              action={<ButtonLink href={paths.kind(CLOUD)}>Clouds</ButtonLink>}
            >
              Machines are made in clouds of Proxmox VE, Incus or LXD that are connected and that you may put
              things into.
            </EmptyState>
          )}
          <Creations creations={choices.creations} prefix={prefixOf(op)} />
        </div>
      </>
    )
  },
)
