import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { prefixOf } from '@/app/_lib/prefix'
import { LEVEL_ABOUT, LevelBadge } from '@/app/(console)/admin/people/_components/level-badge'
import { MembershipsTable } from '@/app/(console)/admin/people/_components/memberships-table'
import { PersonActions } from '@/app/(console)/admin/people/_components/person-actions'
import { Card } from '@/ui/card'
import { DescriptionList } from '@/ui/description-list'
import { formatDate } from '@/ui/format-time'
import { PageHeader } from '@/ui/page-header'
import { RelativeTime } from '@/ui/relative-time'
import { StatusDot } from '@/ui/status-dot'
import { Avatar } from '@/ui/tenant-mark'

export const metadata = pageMetadata('(console)/admin/people/[id]')

export default definePage('(console)/admin/people/[id]', async ({ op, api, paths, params }) => {
  const person = await api.people.get({ id: params.id ?? '' })
  const active = person.status === 'active'
  return (
    <>
      <PageHeader
        breadcrumbs={[{ label: 'People', href: paths.people }, { label: person.name }]}
        mark={<Avatar name={person.name} seed={person.id} size="lg" />}
        title={person.name}
        meta={
          <>
            <LevelBadge level={person.level} />
            <StatusDot status={active ? 'live' : 'disabled'} label={active ? 'Active' : 'Disabled'} />
          </>
        }
        actions={<PersonActions person={person} />}
      />
      <div className="grid gap-5">
        <Card title="Account">
          <DescriptionList
            columns={2}
            items={[
              {
                label: 'Signs in as',
                value: person.home.master ? person.username : `${person.home.slug}\\${person.username}`,
                mono: true,
              },
              { label: 'Email', value: person.email },
              { label: 'Home', value: person.home.name },
              { label: 'Reaches', value: LEVEL_ABOUT[person.level] },
              { label: 'Created', value: formatDate(Date.parse(person.createdAt)) },
              {
                label: 'Last sign-in',
                value: person.lastSignInAt ? <RelativeTime date={person.lastSignInAt} /> : 'Never',
              },
            ]}
          />
        </Card>
        <MembershipsTable person={person} prefix={prefixOf(op)} />
      </div>
    </>
  )
})
