import { CELL_LEVELS, type CellLevel, LEVEL_WORDS, type Reason } from '@/lib/matrix'
import { cn } from '@/ui/cn'

/** A letter each, so that colour is never alone. */
export const LETTERS: Record<CellLevel, string> = { none: '–', sees: 'S', uses: 'U', edits: 'E', owns: 'O' }

const TONES: Record<CellLevel, string> = {
  none: 'border-transparent text-faint',
  sees: 'border-info-line bg-info-soft text-info-ink',
  uses: 'border-success-line bg-success-soft text-success-ink',
  edits: 'border-warning-line bg-warning-soft text-warning-ink',
  owns: 'border-accent-line bg-accent-soft text-accent-ink',
}

/** A level as a small square with its letter. */
export function CellMark({ level, reasons = [] }: { level: CellLevel; reasons?: readonly Reason[] }) {
  const offered = level === 'none' && reasons.includes('offered')
  return (
    <span
      aria-hidden
      className={cn(
        'grid size-6 place-items-center rounded-sm border text-xs font-semibold',
        offered ? 'border-dashed border-control text-muted' : TONES[level],
      )}
    >
      {offered ? '?' : LETTERS[level]}
    </span>
  )
}

const MEANS: Record<CellLevel, string> = {
  none: 'No access',
  sees: 'Sees it',
  uses: 'Uses it: assigned',
  edits: 'Edits it: shared to edit',
  owns: 'Owns it',
}

/** What the letters and colours mean. */
export function Legend() {
  return (
    <ul aria-label="Legend" className="flex flex-wrap items-center gap-x-4 gap-y-1 text-xs text-muted">
      {CELL_LEVELS.map((level) => (
        <li key={level} className="flex items-center gap-1.5" title={LEVEL_WORDS[level]}>
          <CellMark level={level} />
          {MEANS[level]}
        </li>
      ))}
      <li className="flex items-center gap-1.5">
        <CellMark level="none" reasons={['offered']} />
        Offered, not accepted yet
      </li>
    </ul>
  )
}
