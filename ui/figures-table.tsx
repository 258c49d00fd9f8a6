import { formatUtc } from './format-time'

export interface FiguresColumn<Row> {
  label: string
  /** Null: not known. */
  read: (row: Row) => string | null
}

type FiguresTableProps<Row> = {
  caption: string
  /** Oldest first; `at` in ISO 8601. Shown the newest first. */
  rows: readonly Row[]
  columns: readonly FiguresColumn<Row>[]
}

/** What charts show, as a table that is folded away. On a phone it scrolls sideways. */
export function FiguresTable<Row extends { at: string }>({ caption, rows, columns }: FiguresTableProps<Row>) {
  return (
    <details className="text-xs">
      <summary className="cursor-pointer text-muted">Figures in a table</summary>
      {/* Scrolls sideways on a phone: by keyboard too. */}
      <div role="region" aria-label="Figures" tabIndex={0} className="mt-2 overflow-x-auto">
        <table className="w-full text-left tabular-nums">
          <caption className="sr-only">{caption}</caption>
          <thead className="text-muted">
            <tr>
              {['From', ...columns.map(({ label }) => label)].map((label) => (
                <th key={label} scope="col" className="py-1 pr-4 font-medium whitespace-nowrap">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.toReversed().map((row) => (
              <tr key={row.at} className="border-t border-line">
                <th scope="row" className="py-1 pr-4 font-normal whitespace-nowrap">
                  {formatUtc(Date.parse(row.at))}
                </th>
                {columns.map(({ label, read }) => (
                  <td key={label} className="py-1 pr-4 whitespace-nowrap">
                    {read(row) ?? '–'}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}
