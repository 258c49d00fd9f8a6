'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { problemOf } from '@/app/_lib/api-client'
import { toast } from '@/ui/toast'

/** Runs a change with its pending state and error; on success says so, closes and loads the page anew. */
export function useChange(onDone: () => void) {
  const router = useRouter()
  const [pending, setPending] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const run = async (change: () => Promise<unknown>, done: string | (() => string), then?: () => void) => {
    setPending(true)
    setError(null)
    try {
      await change()
      toast.success(typeof done === 'string' ? done : done())
      onDone()
      if (then) then()
      else router.refresh()
    } catch (caught) {
      setError(problemOf(caught).message)
    } finally {
      setPending(false)
    }
  }
  return { pending, error, run }
}
