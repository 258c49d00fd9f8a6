'use client'

import { useEffect, useState } from 'react'
import { problemOf } from '@/app/_lib/api-client'

interface Answer<T> {
  asked: string | null
  value: T | null
  problem: string | null
}

/** The answer to a question, asked for anew when `question` changes; null: nothing is asked yet. */
export function useAnswer<T>(question: string | null, ask: (signal: AbortSignal) => Promise<T>): Answer<T> {
  const [answer, setAnswer] = useState<Answer<T>>({ asked: null, value: null, problem: null })
  useEffect(() => {
    if (question === null) return
    const controller = new AbortController()
    const settle = (part: Partial<Answer<T>>) => {
      if (!controller.signal.aborted) setAnswer({ asked: question, value: null, problem: null, ...part })
    }
    ask(controller.signal).then(
      (value) => settle({ value }),
      (error: unknown) => settle({ problem: problemOf(error).message }),
    )
    return () => controller.abort()
    // `ask` belongs to the question.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [question])
  return answer.asked === question ? answer : { asked: question, value: null, problem: null }
}
