import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { SessionList } from '@/app/(console)/account/sessions/session-list'

export const metadata = pageMetadata('(console)/account/sessions')

export default definePage('(console)/account/sessions', async ({ op, api }) => {
  const { rows } = await api.sessions.list()
  return <SessionList rows={rows} tenant={op.tenant.name} />
})
