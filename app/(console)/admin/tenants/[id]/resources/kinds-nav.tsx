import { Link } from '@/ui/link'
import { seeAsHref } from '@/app/(console)/admin/tenants/[id]/resources/see-as-href'

interface Props {
  kinds: readonly { kind: string; plural: string; total: number; totalCapped: boolean }[]
  /** The one that is shown; undefined: all. */
  kind: string | undefined
  roleId: string | undefined
  href: string
}

/** The tenant's menu of kinds, each with how many it sees. */
export function KindsNav({ kinds, kind, roleId, href }: Props) {
  const all = kinds.reduce((sum, { total }) => sum + total, 0)
  const capped = kinds.some(({ totalCapped }) => totalCapped)
  const entries = [{ kind: undefined, plural: 'Everything', total: all, totalCapped: capped }, ...kinds]
  return (
    <nav aria-label="Kinds" className="overflow-x-auto">
      <ul className="flex gap-1 lg:grid">
        {entries.map((one) => (
          <li key={one.plural} className="shrink-0">
            <Link
              href={seeAsHref(href, { kind: one.kind, role: roleId })}
              aria-current={one.kind === kind ? 'page' : undefined}
              className={`flex items-center justify-between gap-3 rounded-md px-2.5 py-1.5 text-sm hover:bg-hover ${one.kind === kind ? 'bg-active font-medium' : ''}`}
            >
              {one.plural}
              <span className="text-xs text-muted tabular-nums">
                {one.total.toLocaleString('en')}
                {one.totalCapped && '+'}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}
