import { TenantFrame } from '@/app/(auth)/_components/tenant-frame'
import { ForgotForm } from '@/app/(auth)/forgot/forgot-form'
import { definePage, pageMetadata } from '@/app/_lib/define-page'

export const metadata = pageMetadata('(auth)/forgot')

export default definePage('(auth)/forgot', async ({ op, paths }) => (
  <TenantFrame
    host={op.host}
    title="Forgot your password?"
    description="A link to choose a new one is sent to the e-mail address of your account."
  >
    <ForgotForm isMain={op.host.kind === 'master'} signInPage={paths.signIn} />
  </TenantFrame>
))
