import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { prefixOf } from '@/app/_lib/prefix'
import { RolesTable } from '@/app/(console)/_components/roles/roles-table'
import { PageHeader } from '@/ui/page-header'

export const metadata = pageMetadata('(console)/settings/roles')

export default definePage('(console)/settings/roles', async ({ op, api }) => {
  const list = await api.roles.list()
  const { isMaster, name, cap } = op.tenant
  const description = isMaster
    ? 'What people may do: here, and by multi-tenant roles in every subtenant.'
    : `What people may do in ${name}, up to what its base role ${cap?.name ?? ''} allows.`
  return (
    <>
      <PageHeader title="Roles" description={description} />
      <RolesTable list={list} inMaster={isMaster} prefix={prefixOf(op)} />
    </>
  )
})
