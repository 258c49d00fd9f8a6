import type { ReactNode } from 'react'
import type { Field, NumberField, Spec } from '@/lib/resource-kinds/kind'
import { formatBytes } from '@/lib/units'

const formatNumber = (value: number, field: NumberField): string => {
  if (field.unit === 'bytes') return formatBytes(value)
  return value.toLocaleString('en', {
    maximumFractionDigits: field.decimals ?? 0,
    useGrouping: field.unit === 'count',
  })
}

/** A newer version may have stored another shape. */
const asText = (value: Spec[string]): string => (typeof value === 'string' ? value : JSON.stringify(value))

const lines = (all: readonly string[]) => (
  <ul className="grid gap-0.5">
    {all.map((line, index) => (
      <li key={index}>{line}</li>
    ))}
  </ul>
)

function ParamsTable({ params }: { params: Record<string, string> }) {
  return (
    <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-0.5 font-mono text-xs">
      {Object.entries(params).map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd className="whitespace-pre-wrap">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** One value of a kind's field, with its unit; null where there is none. References are shown by their names elsewhere. */
export function fieldValue(field: Field, value: Spec[string]): ReactNode {
  if (value === undefined || value === '') return null
  switch (field.type) {
    case 'number':
      return typeof value === 'number' ? formatNumber(value, field) : null
    case 'boolean':
      return value ? 'Yes' : 'No'
    case 'choice':
      return field.options.find((option) => option.value === value)?.label ?? asText(value)
    case 'list':
      return Array.isArray(value) && value.length > 0 ? lines(value) : null
    case 'params':
      return typeof value === 'object' && !Array.isArray(value) ? <ParamsTable params={value} /> : null
    case 'text':
      return field.lines === undefined ? (
        asText(value)
      ) : (
        <span className="whitespace-pre-wrap">{asText(value)}</span>
      )
    case 'ref':
      return null
  }
}

/** Whether a field's value is something a machine reads: an address, a number plate. */
export const isMono = (field: Field): boolean =>
  ((field.type === 'text' || field.type === 'list') &&
    field.format !== undefined &&
    field.format !== 'currency') ||
  field.type === 'params'
