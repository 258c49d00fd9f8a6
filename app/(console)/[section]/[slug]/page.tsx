import { FileUp, Plug, Plus, Server } from 'lucide-react'
import type { Metadata } from 'next'
import { definePage, kindOfPage, pageKind } from '@/app/_lib/define-page'
import { prefixOf } from '@/app/_lib/prefix'
import { KindIcon } from '@/app/(console)/_components/kind-icon'
import { KindTabs } from '@/app/(console)/_components/resources/kind-tabs'
import { PendingNote } from '@/app/(console)/_components/resources/pending-note'
import { resourcesInput } from '@/app/(console)/_components/resources/resources-input'
import { ResourcesTable } from '@/app/(console)/_components/resources/resources-table'
import { AddCloudButton } from '@/app/(console)/infrastructure/clouds/_components/add-cloud'
import { whyNotImported } from '@/lib/inventory'
import { kindView } from '@/lib/resource-kinds/kind'
import { ButtonLink } from '@/ui/button'
import { EmptyState } from '@/ui/empty-state'
import { PageHeader } from '@/ui/page-header'

export async function generateMetadata({
  params,
}: {
  params: Promise<Record<string, string>>
}): Promise<Metadata> {
  return { title: pageKind(await params)?.plural }
}

export default definePage('(console)/[section]/[slug]', async ({ op, api, paths, params, query }) => {
  const kind = kindOfPage(params)
  const list = await api.resources.list({ kind: kind.kind, ...resourcesInput(query) })
  const empty = list.total === 0 ? await api.explain.empty({ kind: kind.kind }) : null
  const filters = await api.resources.filters({ kind: kind.kind })
  const figures =
    kind.kind === 'cloud' && list.rows.length > 0
      ? await api.connections.figures({ ids: list.rows.map(({ id }) => id) })
      : null
  const create = kind.canBeCreated && (
    <ButtonLink
      href={paths.newResource(kind)}
      variant="primary"
      icon={<Plus aria-hidden />}
      disabledReason={!list.can.create.allowed && list.can.create.reason}
    >
      New {kind.label.toLowerCase()}
    </ButtonLink>
  )
  const importButton = whyNotImported(kind) === undefined && (
    <ButtonLink
      href={paths.importResources(kind)}
      icon={<FileUp aria-hidden />}
      disabledReason={!list.can.create.allowed && list.can.create.reason}
    >
      Import
    </ButtonLink>
  )
  const offers = kind.kind === 'cloud' && !op.tenant.isMaster ? await api.clouds.offered() : null
  const connect = kind.kind === 'cloud' && (
    <ButtonLink
      href={paths.connectCloud}
      icon={<Plug aria-hidden />}
      disabledReason={!list.can.create.allowed && list.can.create.reason}
    >
      Connect cloud
    </ButtonLink>
  )
  const make = kind.kind === 'virtual_machine' && (
    <ButtonLink
      href={paths.createMachine}
      icon={<Server aria-hidden />}
      disabledReason={!list.can.create.allowed && list.can.create.reason}
    >
      Create machine
    </ButtonLink>
  )
  const addCloud = offers && <AddCloudButton offers={offers} />
  return (
    <>
      <PageHeader
        title={kind.plural}
        description={kind.description}
        actions={
          <>
            {addCloud}
            {importButton}
            {connect}
            {make}
            {create}
          </>
        }
        tabs={<KindTabs kind={kind.kind} op={op} paths={paths} />}
      />
      <PendingNote kind={kind} />
      <ResourcesTable
        list={list}
        kind={kindView(kind)}
        filters={filters}
        figures={figures}
        prefix={prefixOf(op)}
        isMaster={op.tenant.isMaster}
        empty={
          <EmptyState
            bare
            icon={<KindIcon icon={kind.icon} />}
            title={`No ${kind.plural.toLowerCase()} yet`}
            action={create}
          >
            {empty?.words}{' '}
            {op.tenant.isMaster
              ? 'What you make here you can keep, assign to a tenant or offer to all.'
              : 'What your provider assigns to you, offers to all or shares with you appears here, too.'}
          </EmptyState>
        }
      />
    </>
  )
})
