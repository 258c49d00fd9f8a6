import type { KindView } from '@/lib/resource-kinds/kind'
import type { ImportPlan } from '@/server/features/imports/imports.schema'
import { Badge } from '@/ui/badge'
import { Card } from '@/ui/card'
import type { Tone } from '@/ui/tone'

type Outcome = ImportPlan['rows'][number]['outcome']

const WORDS: Record<Outcome, { label: string; tone: Tone }> = {
  wrong: { label: 'Wrong', tone: 'danger' },
  create: { label: 'New', tone: 'success' },
  update: { label: 'Changes', tone: 'info' },
  same: { label: 'Same', tone: 'neutral' },
  skip: { label: 'Left alone', tone: 'neutral' },
}
const ORDER = Object.keys(WORDS) as Outcome[]
/** So many rows are listed, what is wrong first. */
const SHOWN = 200

const labelOf = (kind: KindView, field: string): string =>
  field === 'name' ? 'Name' : (kind.fields[field]?.label ?? field)

/** What an import would do, row by row; what is wrong first. */
export function ImportPreview({ kind, plan }: { kind: KindView; plan: ImportPlan }) {
  const rows = plan.rows
    .map((row, i) => ({ ...row, number: i + 1 }))
    .sort((a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome) || a.number - b.number)
  const more = rows.length - SHOWN
  return (
    <Card
      title="What would be imported"
      description={
        <span role="status">
          {ORDER.filter((one) => plan.counts[one] > 0)
            .map((one) => `${plan.counts[one]} ${WORDS[one].label.toLowerCase()}`)
            .join(', ')}
        </span>
      }
      padded={false}
      footer={more > 0 ? `And ${more} more rows` : undefined}
    >
      <ul className="divide-y divide-line text-sm">
        {rows.slice(0, SHOWN).map((row) => (
          <li key={row.number} className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5 px-4 py-1.5">
            <span className="w-10 text-xs text-muted tabular-nums">{row.number}</span>
            <span className="min-w-0 flex-1 truncate">{row.name || '(no name)'}</span>
            <Badge tone={WORDS[row.outcome].tone}>{WORDS[row.outcome].label}</Badge>
            {Object.entries(row.problems).map(([field, why]) => (
              <span key={field} className="basis-full pl-13 text-xs text-danger-ink">
                {labelOf(kind, field)}: {why}
              </span>
            ))}
          </li>
        ))}
      </ul>
    </Card>
  )
}
