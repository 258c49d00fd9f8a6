'use client'

import { useEffect, useState } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import { ReportView } from '@/app/(console)/infrastructure/clouds/_components/connect/report-view'
import type { CheckAnswer } from '@/server/features/connections/connections.schema'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { Spinner } from '@/ui/spinner'

interface Props {
  cloud: { id: string; name: string }
  onClose: () => void
}

/** Signs in with what is kept, and says what works and which rights are missing. */
export function CheckDialog({ cloud, onClose }: Props) {
  const [answer, setAnswer] = useState<CheckAnswer | null>(null)
  const [error, setError] = useState<string | null>(null)
  useEffect(() => {
    api()
      .connections.check.mutate({ id: cloud.id })
      .then(setAnswer, (caught: unknown) => setError(problemOf(caught).message))
  }, [cloud.id])
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Check of ${cloud.name}`}
      description="Freehold signs in and asks what it may. Nothing is changed."
      footer={<Button onClick={onClose}>Close</Button>}
    >
      {!answer && !error && (
        <p className="flex items-center gap-2 text-sm text-muted">
          <Spinner /> Asking the cloud…
        </p>
      )}
      {error && <Alert tone="danger">{error}</Alert>}
      {answer &&
        (answer.ok ? (
          <ReportView report={answer.report} />
        ) : (
          <Alert tone="danger" title={answer.message}>
            {answer.remedy}
          </Alert>
        ))}
    </Dialog>
  )
}
