'use client'

import { ReportView } from '@/app/(console)/infrastructure/clouds/_components/connect/report-view'
import type { Report } from '@/server/features/connections/connections.schema'
import { Alert } from '@/ui/alert'
import { ButtonLink } from '@/ui/button'
import { Card } from '@/ui/card'

interface Props {
  done: { name: string; report: Report | null }
  href: string
}

/** What came of connecting a cloud, and what would work with more rights. */
export function Connected({ done, href }: Props) {
  return (
    <Card title={`${done.name} is connected`} className="max-w-3xl">
      <div className="grid gap-4">
        {done.report ? (
          <ReportView report={done.report} />
        ) : (
          <Alert tone="warning">It was not asked. Its page says how the first look into it goes.</Alert>
        )}
        <p className="text-sm text-muted">
          What stands in it is being read now, and kept up to date from here on.
        </p>
        <div>
          <ButtonLink href={href} variant="primary">
            Open the cloud
          </ButtonLink>
        </div>
      </div>
    </Card>
  )
}
