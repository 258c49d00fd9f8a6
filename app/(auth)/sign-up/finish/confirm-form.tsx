'use client'

import { type FormEvent, useState } from 'react'
import { usePost } from '@/app/(auth)/_lib/use-post'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { FormErrorSummary } from '@/ui/form-error-summary'

/** A button, not the visit itself: mail programs open links to look at them. */
export function ConfirmForm({ token }: { token: string }) {
  const [done, setDone] = useState(false)
  const form = usePost('confirm')
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (await form.send('/api/sign-up/confirm', { token })) setDone(true)
  }
  if (done)
    return (
      <Alert tone="success" title="Your request is sent">
        An administrator decides. Either way you get a mail; approved, its link leads on from here.
      </Alert>
    )
  return (
    <form method="post" onSubmit={(event) => void submit(event)} className="grid gap-4">
      <FormErrorSummary errors={form.errors} title="That did not work" />
      <p className="text-sm text-muted">An administrator looks at each new organization first.</p>
      <Button type="submit" variant="primary" size="lg" block loading={form.pending}>
        Send the request
      </Button>
    </form>
  )
}
