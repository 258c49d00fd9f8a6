import { TenantFrame } from '@/app/(auth)/_components/tenant-frame'
import { VerifyForm } from '@/app/(auth)/verify/verify-form'
import { definePage, pageMetadata } from '@/app/_lib/define-page'

export const metadata = pageMetadata('(auth)/verify')

export default definePage('(auth)/verify', async ({ op, paths }) => (
  <TenantFrame host={op.host} title="Confirm your e-mail address">
    <VerifyForm accountPage={paths.account} />
  </TenantFrame>
))
