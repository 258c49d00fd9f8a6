import { auditInput } from '@/app/_lib/audit-input'
import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { AuditTable } from '@/app/(console)/_components/audit-table'
import { PageHeader } from '@/ui/page-header'

export const metadata = pageMetadata('(console)/admin/audit')

export default definePage('(console)/admin/audit', async ({ api, query }) => {
  const list = await api.audit.all(auditInput(query))
  return (
    <>
      <PageHeader title="All audit logs" description="The logs of every tenant together, newest first." />
      <AuditTable {...list} withTenant />
    </>
  )
})
