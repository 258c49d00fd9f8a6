'use client'

import { useEffect, useRef, useState } from 'react'
import { post } from '@/app/(auth)/_lib/post'

type State<T> = { at: 'checking' } | { at: 'dead'; message: string } | { at: 'open'; token: string; data: T }

/**
 * The token that stands behind `#` in the address, and whose it is. It is taken out of the address at once, so that it stays neither in the
 * history nor on a screen.
 */
export function useLink<T>(check: string): State<T> {
  const [state, setState] = useState<State<T>>({ at: 'checking' })
  const begun = useRef(false)
  useEffect(() => {
    if (begun.current) return
    begun.current = true
    const token = window.location.hash.slice(1)
    window.history.replaceState(null, '', window.location.pathname)
    const ask = async (): Promise<State<T>> => {
      if (token === '') return { at: 'dead', message: 'Open this page by the link in the mail.' }
      const answer = await post<T>(check, { token })
      return answer.ok ? { at: 'open', token, data: answer.data } : { at: 'dead', message: answer.message }
    }
    void ask().then(setState)
  }, [check])
  return state
}
