'use client'

import { useEffect, useRef, useState } from 'react'
import { Checking } from '@/app/(auth)/_components/checking'
import { DeadLink } from '@/app/(auth)/_components/dead-link'
import type { SignInBase } from '@/app/(auth)/_lib/passkey-sign-in'
import { AWAY } from '@/app/(auth)/_lib/post'
import { CodeForm, type Methods } from '@/app/(auth)/login/code-form'
import { SetUpForm } from '@/app/(auth)/login/set-up-form'
import { clientPrefix } from '@/app/_lib/api-client'

type Asked =
  | { username: string; methods: Methods }
  | { username: string; setUp: { secret: string; qr: string; ticket: string } }
type State = { at: 'checking' } | { at: 'dead'; message: string } | { at: 'open'; asked: Asked }

async function load(base: SignInBase): Promise<State> {
  try {
    const response = await fetch(`${clientPrefix()}${base}/step`)
    const answer = (await response.json()) as Asked & { message?: string }
    return response.ok ? { at: 'open', asked: answer } : { at: 'dead', message: answer.message ?? AWAY }
  } catch {
    return { at: 'dead', message: AWAY }
  }
}

/** What a sign-in still waits for after the password: a code, or the setting up of a second factor. */
export function StepForm({ signInPage, base = '/api/sign-in' }: { signInPage: string; base?: SignInBase }) {
  const [state, setState] = useState<State>({ at: 'checking' })
  const begun = useRef(false)
  useEffect(() => {
    if (begun.current) return
    begun.current = true
    void load(base).then(setState)
  }, [base])
  if (state.at === 'checking') return <Checking what="One moment" />
  if (state.at === 'dead')
    return <DeadLink message={state.message} href={signInPage} label="Back to sign in" />
  return 'setUp' in state.asked ? (
    <SetUpForm {...state.asked.setUp} />
  ) : (
    <CodeForm
      methods={state.asked.methods}
      username={state.asked.username}
      signInPage={signInPage}
      base={base}
    />
  )
}
