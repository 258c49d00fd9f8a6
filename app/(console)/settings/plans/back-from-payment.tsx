'use client'

import { useRouter } from 'next/navigation'
import { useEffect, useRef, useState } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import { Alert } from '@/ui/alert'
import { toast } from '@/ui/toast'

/** Back from Stripe's page: takes over what was bought, which may be sooner than Stripe tells. @param here this page, without the session @param known the subscription that there was already */
export function BackFromPayment({
  session,
  here,
  known,
}: {
  session: string
  here: string
  known: string | undefined
}) {
  const router = useRouter()
  const [problem, setProblem] = useState<string | null>(null)
  const asked = useRef(false)
  useEffect(() => {
    if (asked.current) return
    asked.current = true
    api()
      .billing.confirm.mutate({ session })
      .then(({ subscription }) => {
        if (subscription && subscription.id !== known) toast.success('Thank you. The subscription is active.')
        router.replace(here)
        router.refresh()
      })
      .catch((error: unknown) => setProblem(problemOf(error).message))
  }, [session, here, known, router])
  return problem ? (
    <Alert tone="warning" title="The payment could not be confirmed yet">
      {problem} What was paid is not lost: the subscription appears here within the hour.
    </Alert>
  ) : (
    <Alert tone="info" title="The payment is being confirmed…" />
  )
}
