'use client'

import { Fragment, useEffect, useState } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import type { MailRow } from '@/server/features/mail/mail.schema'
import { Alert } from '@/ui/alert'
import { Sheet } from '@/ui/sheet'
import { SkeletonText } from '@/ui/skeleton'
import { TextLink } from '@/ui/text-link'

const isAddress = (part: string) => /^https?:\/\//.test(part)

/** What a kept mail says, with its links: opening it stands in the audit log. */
export function ReadMail({ mail, close }: { mail: MailRow; close: () => void }) {
  const [text, setText] = useState<string | null>(null)
  const [error, setError] = useState<string | null>(null)
  useEffect(() => {
    let over = false
    api()
      .mail.read.mutate({ id: mail.id })
      .then(
        (answer) => !over && setText(answer.text),
        (problem: unknown) => !over && setError(problemOf(problem).message),
      )
    return () => {
      over = true
    }
  }, [mail.id])
  return (
    <Sheet
      open
      onOpenChange={close}
      title={mail.subject}
      description={`To ${mail.to}, from ${mail.tenant.name}`}
    >
      {error && <Alert tone="danger">{error}</Alert>}
      {text === null && !error && <SkeletonText />}
      {text !== null && (
        <p className="text-sm break-words whitespace-pre-wrap">
          {text.split(/(https?:\/\/\S+)/).map((part, i) =>
            isAddress(part) ? (
              <TextLink key={i} href={part}>
                {part}
              </TextLink>
            ) : (
              <Fragment key={i}>{part}</Fragment>
            ),
          )}
        </p>
      )}
    </Sheet>
  )
}
