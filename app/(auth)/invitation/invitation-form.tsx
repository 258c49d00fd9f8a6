'use client'

import { useEffect, useState } from 'react'
import { AcceptForm } from '@/app/(auth)/invitation/accept-form'
import { BringAccountForm } from '@/app/(auth)/invitation/bring-account-form'
import { postApi, problemOf } from '@/app/_lib/api-client'
import { useChange } from '@/app/(console)/_components/resources/use-change'
import type { InvitationLook } from '@/server/features/invitations/invitations.schema'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { SkeletonText } from '@/ui/skeleton'
import { TenantMark } from '@/ui/tenant-mark'
import { TextLink } from '@/ui/text-link'

type Step = 'choose' | 'new' | 'account' | 'declined'

/** Reads the token behind the `#`, says who invites into what, and takes the answer. */
export function InvitationForm({ signInPage }: { signInPage: string }) {
  const [token, setToken] = useState('')
  const [look, setLook] = useState<InvitationLook | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [step, setStep] = useState<Step>('choose')
  useEffect(() => {
    const given = window.location.hash.slice(1)
    // In no history and no screenshot of the address bar
    window.history.replaceState(null, '', window.location.pathname)
    const ask = given
      ? postApi().invitations.look.query({ token: given })
      : Promise.reject(new Error('no token'))
    ask.then(
      (answer) => {
        setToken(given)
        setLook(answer)
      },
      (error: unknown) =>
        setProblem(
          given ? problemOf(error).message : 'Open the link of the mail again: a part of it is missing.',
        ),
    )
  }, [])
  if (problem !== null)
    return (
      <div className="grid gap-4">
        <Alert tone="danger">{problem}</Alert>
        <TextLink href={signInPage}>Go to the sign-in page</TextLink>
      </div>
    )
  if (!look) return <SkeletonText />
  if (step === 'declined')
    return <Alert tone="success">You declined. The people who invited you see that.</Alert>
  return (
    <div className="grid gap-5">
      <Summary look={look} />
      {step === 'choose' && <Choose token={token} go={setStep} />}
      {step === 'new' && <AcceptForm token={token} email={look.email} back={() => setStep('choose')} />}
      {step === 'account' && <BringAccountForm token={token} back={() => setStep('choose')} />}
    </div>
  )
}

function Summary({ look }: { look: InvitationLook }) {
  return (
    <div className="grid gap-3 text-sm">
      <p>
        <strong className="font-medium">{look.by}</strong> invites{' '}
        <span className="wrap-anywhere">{look.email}</span> to
      </p>
      <ul className="grid gap-2">
        {look.tenants.map(({ id, name, icon, role }) => (
          <li key={id} className="flex items-center gap-2.5">
            <TenantMark name={name} icon={icon} seed={id} />
            <span className="grid min-w-0">
              <span className="truncate font-medium">{name}</span>
              <span className="text-xs text-muted">as {role}</span>
            </span>
          </li>
        ))}
      </ul>
    </div>
  )
}

function Choose({ token, go }: { token: string; go: (step: Step) => void }) {
  const { pending, error, run } = useChange(() => go('declined'))
  const decline = () =>
    void run(
      () => postApi().invitations.decline.mutate({ token }),
      'Declined.',
      () => undefined,
    )
  return (
    <div className="grid gap-2">
      {error && <Alert tone="danger">{error}</Alert>}
      <Button variant="primary" size="lg" block onClick={() => go('new')}>
        Accept with a new account
      </Button>
      <Button size="lg" block onClick={() => go('account')}>
        I have an account already
      </Button>
      <Button variant="ghost" block loading={pending} onClick={decline}>
        Decline
      </Button>
    </div>
  )
}
