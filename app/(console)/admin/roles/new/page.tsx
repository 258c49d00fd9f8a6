import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { CapEditor } from '@/app/(console)/admin/roles/_components/cap-editor'
import { PageHeader } from '@/ui/page-header'

export const metadata = pageMetadata('(console)/admin/roles/new')

export default definePage('(console)/admin/roles/new', async ({ api, paths, search }) => {
  const base = search.from === undefined ? null : await api.tenantRoles.get({ id: search.from })
  const clouds =
    base?.clouds ?? (await api.tenantRoles.clouds()).map((cloud) => ({ ...cloud, public: true, level: null }))
  return (
    <>
      <PageHeader
        breadcrumbs={[{ label: 'Tenant roles', href: paths.caps }, { label: 'Create tenant role' }]}
        title={base ? `Copy ${base.name}` : 'Create tenant role'}
        description="What a subtenant can have at most. Its own roles never reach above it."
      />
      <CapEditor from={base && { ...base, name: `${base.name} copy`.slice(0, 60) }} clouds={clouds} />
    </>
  )
})
