'use client'

import { Button } from '@/ui/button'
import { ErrorState } from '@/ui/error-state'

export default function ConsoleError({
  error,
  reset,
}: {
  error: Error & { digest?: string }
  reset: () => void
}) {
  return (
    <ErrorState kind="error" requestId={error.digest} action={<Button onClick={reset}>Try again</Button>} />
  )
}
