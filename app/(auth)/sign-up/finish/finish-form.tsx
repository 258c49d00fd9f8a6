'use client'

import { Checking } from '@/app/(auth)/_components/checking'
import { DeadLink } from '@/app/(auth)/_components/dead-link'
import { useLink } from '@/app/(auth)/_lib/use-link'
import { ConfirmForm } from '@/app/(auth)/sign-up/finish/confirm-form'
import { OwnerForm } from '@/app/(auth)/sign-up/finish/owner-form'
import type { SignUpCheck } from '@/server/features/sign-up/sign-up.schema'
import { DescriptionList } from '@/ui/description-list'

interface Props {
  address: { before: string; after: string }
  signUpPage: string
}

/** Reads the token behind the `#`, says what was asked for, and makes it, or puts it to an administrator. */
export function FinishForm({ address, signUpPage }: Props) {
  const link = useLink<SignUpCheck>('/api/sign-up/check')
  if (link.at === 'checking') return <Checking what="Looking at the link" />
  if (link.at === 'dead') return <DeadLink message={link.message} href={signUpPage} label="Sign up again" />
  const { token, data } = link
  return (
    <div className="grid gap-5">
      <DescriptionList
        items={[
          ...(data.nameFree ? [{ label: 'Organization', value: data.name }] : []),
          ...(data.slugFree
            ? [
                {
                  label: 'Address',
                  value: `${address.before}${data.slug}${address.after}`,
                  mono: true,
                },
              ]
            : []),
          { label: 'E-mail', value: data.email },
        ]}
      />
      {data.asks ? <ConfirmForm token={token} /> : <OwnerForm token={token} asked={data} address={address} />}
    </div>
  )
}
