import { LiveRefresh } from '@/app/_components/live-refresh'
import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { prefixOf } from '@/app/_lib/prefix'
import { GroupActions } from '@/app/(console)/infrastructure/groups/_components/group-actions'
import { GroupMembers } from '@/app/(console)/infrastructure/groups/_components/group-members'
import { consequencesOf } from '@/app/(console)/infrastructure/groups/_components/group-words'
import { Alert } from '@/ui/alert'
import { PageHeader } from '@/ui/page-header'
import { LinkTabs } from '@/ui/link-tabs'
import { parseTableParams } from '@/ui/table-url'

export const metadata = pageMetadata('(console)/infrastructure/groups/[id]')

export default definePage(
  '(console)/infrastructure/groups/[id]',
  async ({ op, api, paths, params, search, query }) => {
    const group = await api.groups.get({ id: params.id ?? '' })
    const shown = group.counts.find(({ kind }) => kind === search.kind) ?? group.counts[0]
    const { q, cursor } = parseTableParams(query, [])
    const list =
      shown &&
      (await api.resources.list({
        kind: shown.kind,
        groupId: group.id,
        search: q,
        cursor: cursor ?? undefined,
      }))
    const named = consequencesOf(group)
    return (
      <>
        <LiveRefresh />
        <PageHeader
          title={group.name}
          description={group.description}
          breadcrumbs={[{ label: 'Groups', href: paths.groups }, { label: group.name }]}
          actions={<GroupActions group={group} listHref={paths.groups} />}
          tabs={
            group.counts.length > 0 && (
              <LinkTabs
                label="What is in it"
                items={group.counts.map(({ kind, label, count }) => ({
                  label,
                  count,
                  href: `${paths.group(group.id)}?kind=${kind}`,
                  active: kind === shown?.kind,
                }))}
              />
            )
          }
        />
        {named.length > 0 && (
          <Alert className="mb-4" title="Roles reach things by this group">
            {named.join(' ')}
          </Alert>
        )}
        <GroupMembers
          group={{ id: group.id, name: group.name }}
          may={group.can.edit}
          kind={shown?.kind ?? null}
          list={list ?? null}
          prefix={prefixOf(op)}
        />
      </>
    )
  },
)
