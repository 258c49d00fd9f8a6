import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { ImportForm } from '@/app/(console)/settings/roles/import/import-form'
import { PageHeader } from '@/ui/page-header'

export const metadata = pageMetadata('(console)/settings/roles/import')

export default definePage('(console)/settings/roles/import', ({ paths }) =>
  Promise.resolve(
    <>
      <PageHeader
        breadcrumbs={[{ label: 'Roles', href: paths.settingsRoles }, { label: 'Import' }]}
        title="Import roles"
        description="From a file that was exported here or elsewhere. Nothing is made before you have seen what would be."
      />
      <ImportForm done={paths.settingsRoles} />
    </>,
  ),
)
