'use client'

import { useEffect, useState } from 'react'
import { problemOf } from '@/app/_lib/api-client'
import { Alert } from '@/ui/alert'
import { Skeleton } from '@/ui/skeleton'

const SHOWN = 20
/** So long after the last change; a name is typed letter by letter. */
const WAIT_MS = 200

interface Props {
  /** What is asked about; null: nothing is chosen yet. The answer is asked for anew when it changes. */
  question: string | null
  ask: (signal: AbortSignal) => Promise<{ lines: string[] }>
}

/** Before it is saved: who gains and who loses what. */
export function EffectsPreview({ question, ask }: Props) {
  const answer = useAnswer(question, ask)
  if (question === null) return null
  return (
    <div role="status" className="grid gap-1.5 rounded-md border border-line bg-subtle px-3 py-2.5 text-sm">
      <p className="font-medium">What will change</p>
      {answer.problem ? (
        <Alert tone="danger">{answer.problem}</Alert>
      ) : answer.lines === null ? (
        <Skeleton className="h-4 w-48" />
      ) : answer.lines.length === 0 ? (
        <p className="text-muted">Nobody gains or loses anything.</p>
      ) : (
        <ul className="grid list-disc gap-1 pl-4 wrap-anywhere">
          {answer.lines.slice(0, SHOWN).map((line, index) => (
            <li key={index}>{line}</li>
          ))}
          {answer.lines.length > SHOWN && (
            <li className="text-muted">and {answer.lines.length - SHOWN} more</li>
          )}
        </ul>
      )}
    </div>
  )
}

interface Answer {
  question: string | null
  lines: string[] | null
  problem: string | null
}

function useAnswer(question: string | null, ask: Props['ask']): Answer {
  const [answer, setAnswer] = useState<Answer>({ question: null, lines: null, problem: null })
  useEffect(() => {
    if (question === null) return
    const controller = new AbortController()
    const settle = (part: Partial<Answer>) => {
      if (!controller.signal.aborted) setAnswer({ question, lines: null, problem: null, ...part })
    }
    const timer = window.setTimeout(() => {
      ask(controller.signal).then(
        ({ lines }) => settle({ lines }),
        (error: unknown) => settle({ problem: problemOf(error).message }),
      )
    }, WAIT_MS)
    return () => {
      window.clearTimeout(timer)
      controller.abort()
    }
    // `ask` belongs to the question.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [question])
  return answer.question === question ? answer : { question, lines: null, problem: null }
}
