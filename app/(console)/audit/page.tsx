import { auditInput } from '@/app/_lib/audit-input'
import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { AuditTable } from '@/app/(console)/_components/audit-table'
import { VerifyLog } from '@/app/(console)/audit/_components/verify-log'
import { PageHeader } from '@/ui/page-header'

export const metadata = pageMetadata('(console)/audit')

export default definePage('(console)/audit', async ({ op, api, query }) => {
  const list = await api.audit.list(auditInput(query))
  return (
    <>
      <PageHeader
        title="Audit log"
        description={`Everything done in ${op.tenant.name}, by whom and with what result. Nobody can edit or remove a row; each is sealed to the one before it.`}
        actions={<VerifyLog />}
      />
      <AuditTable {...list} />
    </>
  )
})
