import { Link } from '@/ui/link'
import { ActsList } from '@/app/(console)/settings/provider-access/_components/acts-list'
import type { AuditRow } from '@/server/features/audit/audit.schema'
import { Card } from '@/ui/card'

/** The latest of what the provider's people did here under their own names. */
export function OtherActs({ rows, auditHref }: { rows: readonly AuditRow[]; auditHref: string }) {
  if (rows.length === 0)
    return (
      <Card>
        <p className="text-sm text-muted">
          Nothing yet. Looks into your tenant, visits by the provider’s own people and changes of your users
          and roles by them stand here.
        </p>
      </Card>
    )
  return (
    <Card
      footer={
        <Link href={auditHref} className="underline">
          All of them are in the audit log, marked “Provider”
        </Link>
      }
    >
      <ActsList rows={rows} who />
    </Card>
  )
}
