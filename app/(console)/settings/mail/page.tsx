import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { MailStateNote } from '@/app/(console)/settings/mail/mail-state'
import { MailTable } from '@/app/(console)/settings/mail/mail-table'
import { MAIL_STATUS } from '@/server/features/mail/mail.schema'
import { PageHeader } from '@/ui/page-header'
import { parseTableParams } from '@/ui/table-url'

export const metadata = pageMetadata('(console)/settings/mail')

export default definePage('(console)/settings/mail', async ({ api, query }) => {
  const { q, cursor, filters } = parseTableParams(query, ['status'])
  const status = MAIL_STATUS.filter((one) => filters.status?.includes(one))
  const [state, page] = await Promise.all([
    api.mail.state(),
    api.mail.list({ search: q, status, cursor: cursor ?? undefined }),
  ])
  return (
    <>
      <PageHeader
        title="Mail"
        description="Invitations, links for forgotten passwords and notices, of all tenants. What a mail says is wiped once it is sent."
      />
      <MailStateNote state={state} />
      <MailTable page={page} state={state} />
    </>
  )
})
