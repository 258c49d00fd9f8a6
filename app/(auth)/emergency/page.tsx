import { TenantFrame } from '@/app/(auth)/_components/tenant-frame'
import { EmergencyForm } from '@/app/(auth)/emergency/emergency-form'
import { StepForm } from '@/app/(auth)/login/step-form'
import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { TextLink } from '@/ui/text-link'

export const metadata = pageMetadata('(auth)/emergency')

/** The same on every host, whether there is a tenant and whether it keeps a list (attack B15). */
export default definePage('(auth)/emergency', ({ op, paths, search }) => {
  const second = search.step === 'second'
  return Promise.resolve(
    <TenantFrame
      host={op.host}
      title={second ? 'One more step' : 'Emergency access'}
      description={
        second
          ? 'The password was right.'
          : 'For the few accounts that were chosen for it. Each use is recorded, and told to whoever administers this console.'
      }
      footer={<TextLink href={paths.signIn}>Back to the ordinary sign-in</TextLink>}
    >
      {second ? <StepForm signInPage={paths.emergency} base="/api/emergency" /> : <EmergencyForm />}
    </TenantFrame>,
  )
})
