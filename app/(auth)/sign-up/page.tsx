import { TenantFrame } from '@/app/(auth)/_components/tenant-frame'
import { SignUpForm } from '@/app/(auth)/sign-up/sign-up-form'
import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { signUpOffer } from '@/server/features/sign-up/sign-up.service'
import { addressParts } from '@/server/features/tenants/tenants.service'
import { notFound } from '@/server/platform/errors'
import { TextLink } from '@/ui/text-link'

export const metadata = pageMetadata('(auth)/sign-up')

/** On the main host, where it is on and licensed; else there is no such page. */
export default definePage('(auth)/sign-up', async ({ op, paths }) => {
  const offer = await signUpOffer(op)
  if (!offer) throw notFound()
  return (
    <TenantFrame
      host={op.host}
      title="Create an organization"
      description={
        offer.approval
          ? 'With an address of its own. An administrator looks at each request first.'
          : 'With an address of its own, where you and your people sign in.'
      }
      footer={
        <div className="grid gap-2">
          <p>Somebody invited you? Open the link in that mail.</p>
          <p>
            <TextLink href={paths.signIn}>You have an account? Sign in</TextLink>
          </p>
        </div>
      }
    >
      <SignUpForm address={addressParts()} domains={offer.domains} />
    </TenantFrame>
  )
})
