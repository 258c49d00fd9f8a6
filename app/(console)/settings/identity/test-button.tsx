'use client'

import { CircleCheck, CircleX } from 'lucide-react'
import { useState } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import type { Names } from '@/app/(console)/settings/identity/kinds'
import type { TestAnswer } from '@/server/features/identity/identity.schema'
import type { Provider } from '@/server/features/identity/provider.schema'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'

/** What was found, one line each. */
function Steps({ steps }: Pick<TestAnswer, 'steps'>) {
  return (
    <ul className="grid gap-2 text-sm">
      {steps.map(({ ok, text }) => (
        <li key={text} className="flex items-start gap-2">
          {ok ? (
            <CircleCheck aria-label="Good" className="mt-0.5 size-4 shrink-0 text-success-ink" />
          ) : (
            <CircleX aria-label="Wrong" className="mt-0.5 size-4 shrink-0 text-danger-ink" />
          )}
          <span className="min-w-0 break-words">{text}</span>
        </li>
      ))}
    </ul>
  )
}

const namesOf = ({ usernameClaim, emailClaim, nameClaim, groupsClaim }: Names): Names => ({
  usernameClaim,
  emailClaim,
  nameClaim,
  groupsClaim,
})

interface Props {
  provider: Provider
  /** Of a source that is there. */
  id?: string
  /** What was typed for it; empty: the one that is stored. */
  secret?: string
  names?: Names
  disabledReason?: string | false
}

/** Asks the other side who it is, and says what is wrong. */
export function TestButton({ provider, id, secret, names, disabledReason }: Props) {
  const [pending, setPending] = useState(false)
  const [answer, setAnswer] = useState<TestAnswer | null>(null)
  const test = async () => {
    setPending(true)
    try {
      const input = { provider, id, secret: secret || undefined, names: names && namesOf(names) }
      setAnswer(await api().identity.test.mutate(input))
    } catch (error) {
      const { message, fields } = problemOf(error)
      setAnswer({ ok: false, steps: [{ ok: false, text: Object.values(fields ?? {})[0] ?? message }] })
    } finally {
      setPending(false)
    }
  }
  const close = () => setAnswer(null)
  return (
    <>
      <Button size="sm" loading={pending} disabledReason={disabledReason} onClick={() => void test()}>
        Test
      </Button>
      {answer && (
        <Dialog
          open
          onOpenChange={close}
          size="sm"
          title={answer.ok ? 'It works' : 'Something is wrong'}
          footer={<Button onClick={close}>Close</Button>}
        >
          <Steps steps={answer.steps} />
        </Dialog>
      )}
    </>
  )
}
