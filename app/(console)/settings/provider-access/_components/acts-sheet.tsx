'use client'

import { useEffect, useState } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import { ActsList } from '@/app/(console)/settings/provider-access/_components/acts-list'
import type { AuditRow } from '@/server/features/audit/audit.schema'
import type { Visit } from '@/server/features/provider-access/provider-access.schema'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Sheet } from '@/ui/sheet'
import { SkeletonText } from '@/ui/skeleton'

/** What was done in one impersonation, from the tenant's own log. */
export function ActsSheet({ visit, onClose }: { visit: Visit; onClose: () => void }) {
  const [rows, setRows] = useState<AuditRow[] | null>(null)
  const [next, setNext] = useState<string | undefined>(undefined)
  const [error, setError] = useState<string | null>(null)
  const [cursor, setCursor] = useState<string | undefined>(undefined)
  useEffect(() => {
    let gone = false
    api()
      .providerAccess.acts.query({ id: visit.id, cursor, limit: 50 })
      .then(
        (page) => {
          if (gone) return
          setRows((before) => [...(before ?? []), ...page.rows])
          setNext(page.nextCursor)
        },
        (caught: unknown) => !gone && setError(problemOf(caught).message),
      )
    return () => {
      gone = true
    }
  }, [visit.id, cursor])
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={`${visit.who} as ${visit.subject}`}
      description={`Reason: ${visit.reason}`}
    >
      <div className="grid gap-4">
        {error && <Alert tone="danger">{error}</Alert>}
        {rows ? <ActsList rows={rows} /> : !error && <SkeletonText lines={6} />}
        {next !== undefined && next !== cursor && <Button onClick={() => setCursor(next)}>Show more</Button>}
      </div>
    </Sheet>
  )
}
