'use client'

import { KeyRound } from 'lucide-react'
import { useState, useSyncExternalStore } from 'react'
import { passkeySignIn, type SignInBase } from '@/app/(auth)/_lib/passkey-sign-in'
import { passkeysWork } from '@/app/_lib/passkey'
import { Button } from '@/ui/button'

interface Props {
  /** By itself, or after the password. */
  path: '' | '/step'
  next?: string
  base?: SignInBase
  onProblem: (message: string | undefined) => void
}

/** What a browser can do does not change. */
const never = () => () => undefined

/** Signs in with a passkey; not there where the browser has none. */
export function PasskeyButton({ path, next, base, onProblem }: Props) {
  const there = useSyncExternalStore(never, passkeysWork, () => false)
  const [pending, setPending] = useState(false)
  if (!there) return null
  const go = async () => {
    setPending(true)
    onProblem(undefined)
    const answer = await passkeySignIn(path, next, base)
    if ('next' in answer) return window.location.assign(answer.next)
    setPending(false)
    onProblem(answer.message)
  }
  return (
    <Button size="lg" block loading={pending} onClick={() => void go()}>
      <KeyRound aria-hidden />
      Use a passkey
    </Button>
  )
}
