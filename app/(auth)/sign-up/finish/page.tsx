import { TenantFrame } from '@/app/(auth)/_components/tenant-frame'
import { FinishForm } from '@/app/(auth)/sign-up/finish/finish-form'
import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { signUpOffer } from '@/server/features/sign-up/sign-up.service'
import { addressParts } from '@/server/features/tenants/tenants.service'
import { notFound } from '@/server/platform/errors'

export const metadata = pageMetadata('(auth)/sign-up/finish')

/** What the link in the mail opens: its token stands behind the `#`. */
export default definePage('(auth)/sign-up/finish', async ({ op, paths }) => {
  if (!(await signUpOffer(op))) throw notFound()
  return (
    <TenantFrame host={op.host} title="Your new organization">
      <FinishForm address={addressParts()} signUpPage={paths.signUp} />
    </TenantFrame>
  )
})
