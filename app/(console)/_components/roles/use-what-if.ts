'use client'

import { useEffect, useState } from 'react'
import { problemOf } from '@/app/_lib/api-client'
import type { WhatIf } from '@/app/(console)/_components/roles/save-bar'
import type { Effects } from '@/server/features/roles/roles.schema'

const WAIT_MS = 500

/**
 * Asks who would gain and who would lose, a moment after the last change.
 * @param key what would be saved, as text; null: there is nothing to ask
 * @param ask the same function from one drawing to the next
 */
export function useWhatIf(
  key: string | null,
  ask: (key: string, signal: AbortSignal) => Promise<Effects>,
): WhatIf {
  const [answer, setAnswer] = useState<{ key: string; whatIf: WhatIf } | null>(null)
  useEffect(() => {
    if (key === null) return undefined
    const gone = new AbortController()
    const timer = setTimeout(() => {
      ask(key, gone.signal).then(
        (effects) => setAnswer({ key, whatIf: { state: 'told', effects } }),
        (error: unknown) => {
          if (!gone.signal.aborted)
            setAnswer({ key, whatIf: { state: 'refused', why: problemOf(error).message } })
        },
      )
    }, WAIT_MS)
    return () => {
      clearTimeout(timer)
      gone.abort()
    }
  }, [key, ask])
  if (key === null) return { state: 'none' }
  return answer?.key === key ? answer.whatIf : { state: 'asking' }
}
