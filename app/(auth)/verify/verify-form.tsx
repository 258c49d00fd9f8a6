'use client'

import { type FormEvent, useState } from 'react'
import { Checking } from '@/app/(auth)/_components/checking'
import { DeadLink } from '@/app/(auth)/_components/dead-link'
import { post } from '@/app/(auth)/_lib/post'
import { useLink } from '@/app/(auth)/_lib/use-link'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'

import { TextLink } from '@/ui/text-link'

/** A button, not the visit itself: mail programs open links to look at them. */
export function VerifyForm({ accountPage }: { accountPage: string }) {
  const link = useLink<{ username: string; email: string }>('/api/sign-in/verify/check')
  const [state, setState] = useState<'asking' | 'pending' | 'done'>('asking')
  const [message, setMessage] = useState<string>()
  if (link.at === 'checking') return <Checking what="Looking at the link" />
  if (link.at === 'dead')
    return <DeadLink message={link.message} href={accountPage} label="Go to your account" />
  const { token, data } = link

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setState('pending')
    const answer = await post('/api/sign-in/verify', { token })
    setState(answer.ok ? 'done' : 'asking')
    setMessage(answer.ok ? undefined : answer.message)
  }

  if (state === 'done')
    return (
      <div className="grid gap-4">
        <Alert tone="success" title="Confirmed">
          {data.email} is the address of {data.username}.
        </Alert>
        <p className="text-sm">
          <TextLink href={accountPage}>Go to your account</TextLink>
        </p>
      </div>
    )
  return (
    <form method="post" onSubmit={(event) => void submit(event)} className="grid gap-4">
      {message && <Alert tone="danger">{message}</Alert>}
      <p className="text-base">
        <span className="font-medium wrap-anywhere">{data.email}</span> becomes the address of{' '}
        <span className="font-medium">{data.username}</span>.
      </p>
      <Button type="submit" variant="primary" size="lg" block loading={state === 'pending'}>
        Confirm this address
      </Button>
    </form>
  )
}
