import { InvitationForm } from '@/app/(auth)/invitation/invitation-form'
import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { AuthLayout } from '@/ui/auth-layout'

export const metadata = pageMetadata('(auth)/invitation')

/** The same for every tenant, there or not: what an invitation says is asked with its token, which stands behind the `#`. */
export default definePage('(auth)/invitation', ({ paths }) =>
  Promise.resolve(
    <AuthLayout
      title="Invitation"
      tagline="One console. Each tenant sees its own, and nothing else."
      footer="Nothing happens to an account that you have, unless you choose to bring it along."
    >
      <InvitationForm signInPage={paths.signIn} />
    </AuthLayout>,
  ),
)
