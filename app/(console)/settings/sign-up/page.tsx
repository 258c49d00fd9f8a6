import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { PolicyForm } from '@/app/(console)/settings/sign-up/policy-form'
import { SignUpsTable } from '@/app/(console)/settings/sign-up/sign-ups-table'
import { SIGN_UP_STATUS } from '@/server/features/sign-up/sign-up.schema'
import { PageHeader } from '@/ui/page-header'
import { parseTableParams } from '@/ui/table-url'

export const metadata = pageMetadata('(console)/settings/sign-up')

export default definePage('(console)/settings/sign-up', async ({ api, query }) => {
  const { q, cursor, filters } = parseTableParams(query, ['status'])
  const status = SIGN_UP_STATUS.filter((one) => filters.status?.includes(one))
  const [state, roles, page] = await Promise.all([
    api.signUp.policy(),
    api.tenantRoles.options(),
    api.signUp.list({ search: q, status, cursor: cursor ?? undefined }),
  ])
  return (
    <>
      <PageHeader
        title="Sign-up"
        description="People make a tenant of their own, from a link on the sign-in page. Off unless you switch it on."
      />
      <div className="grid gap-8">
        <PolicyForm state={state} roles={roles} />
        <section aria-labelledby="sign-ups" className="grid gap-3">
          <h2 id="sign-ups" className="text-lg font-semibold tracking-tight">
            Who signed up
          </h2>
          <SignUpsTable page={page} state={state} />
        </section>
      </div>
    </>
  )
})
