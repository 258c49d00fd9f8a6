'use client'

import { eventWords, whoOf } from '@/lib/audit-words'
import type { AuditRow } from '@/server/features/audit/audit.schema'
import { DescriptionList } from '@/ui/description-list'
import { Sheet } from '@/ui/sheet'

/** One event whole: before and after side by side, and what is needed to find it again. */
export function AuditDetail({ row, onClose }: { row: AuditRow; onClose: () => void }) {
  const fields = [...new Set([...Object.keys(row.before ?? {}), ...Object.keys(row.after ?? {})])].sort()
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={eventWords(row.event)}
      description={`Number ${row.n} in the log of ${row.tenant.name}`}
    >
      <div className="grid gap-6">
        <DescriptionList
          items={[
            {
              label: 'When',
              value: new Date(row.at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' }),
            },
            { label: 'Who', value: whoOf(row) },
            { label: 'Impersonating because', value: row.acting?.reason },
            { label: 'Event', value: row.event, mono: true },
            { label: 'Target', value: row.target.name || row.target.id },
            { label: 'Target id', value: row.target.id, mono: true, copy: row.target.id },
            { label: 'Result', value: row.result },
            { label: 'Reason', value: row.reason },
            { label: 'Address', value: row.ip, mono: true },
            { label: 'Request', value: row.requestId, mono: true, copy: row.requestId },
          ]}
        />
        {fields.length > 0 && (
          <table className="w-full text-sm">
            <caption className="pb-2 text-left font-medium">What changed</caption>
            <thead>
              <tr className="border-b border-line text-left text-xs text-muted">
                <th scope="col" className="py-1 pr-3 font-medium">
                  Field
                </th>
                <th scope="col" className="py-1 pr-3 font-medium">
                  Before
                </th>
                <th scope="col" className="py-1 font-medium">
                  After
                </th>
              </tr>
            </thead>
            <tbody>
              {fields.map((field) => (
                <tr key={field} className="border-b border-line align-top last:border-0">
                  <th scope="row" className="py-1.5 pr-3 text-left font-normal text-muted">
                    {field}
                  </th>
                  <td className="py-1.5 pr-3 wrap-anywhere">{shown(row.before?.[field])}</td>
                  <td className="py-1.5 wrap-anywhere">{shown(row.after?.[field])}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </Sheet>
  )
}

function shown(value: unknown): string {
  if (value === undefined || value === null || value === '') return '–'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
