import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { prefixOf } from '@/app/_lib/prefix'
import { CapsTable } from '@/app/(console)/admin/roles/_components/caps-table'
import { PageHeader } from '@/ui/page-header'

export const metadata = pageMetadata('(console)/admin/roles')

export default definePage('(console)/admin/roles', async ({ op, api }) => {
  const list = await api.tenantRoles.list()
  return (
    <>
      <PageHeader
        title="Tenant roles"
        description="What a subtenant can have at most, whatever its own roles say, and which public clouds it is offered."
      />
      <CapsTable list={list} prefix={prefixOf(op)} />
    </>
  )
})
