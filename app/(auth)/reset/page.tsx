import { TenantFrame } from '@/app/(auth)/_components/tenant-frame'
import { ResetForm } from '@/app/(auth)/reset/reset-form'
import { definePage, pageMetadata } from '@/app/_lib/define-page'

export const metadata = pageMetadata('(auth)/reset')

export default definePage('(auth)/reset', async ({ op, paths }) => (
  <TenantFrame
    host={op.host}
    title="Set a new password"
    description="You are signed out everywhere when it is set."
  >
    <ResetForm forgotPage={paths.forgot} signInPage={paths.signIn} />
  </TenantFrame>
))
