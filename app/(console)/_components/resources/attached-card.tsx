import { KindIcon } from '@/app/(console)/_components/kind-icon'
import type { ConsolePaths } from '@/lib/paths'
import { kindOf } from '@/lib/resource-kinds/registry'
import type { ResourceDetail } from '@/server/features/resources/resources.schema'
import { Card } from '@/ui/card'
import { TextLink } from '@/ui/text-link'

const MOST = 100

interface Props {
  resource: ResourceDetail
  paths: ConsolePaths
}

/** By which field something refers to it, in words; empty for what stands in it. */
const through = (kind: string, field: string) =>
  field === '' ? 'stands in it' : `as ${(kindOf(kind)?.fields[field]?.label ?? field).toLowerCase()}`

/** What stands in a resource or refers to it, as far as the person sees it. */
export function AttachedCard({ resource, paths }: Props) {
  const { attached } = resource
  return (
    <Card
      title="Used by"
      description={attached.length >= MOST ? `The first ${MOST}` : undefined}
      padded={attached.length === 0}
    >
      {attached.length === 0 ? (
        <p className="text-sm text-muted">Nothing that you see stands in it or refers to it.</p>
      ) : (
        <ul className="max-h-96 overflow-y-auto" tabIndex={0} aria-label="Used by">
          {attached.map((one) => {
            const kind = kindOf(one.kind)
            return (
              <li
                key={`${one.id}:${one.field}`}
                className="flex min-h-9 items-center gap-2.5 border-b border-line px-4 py-1.5 text-sm last:border-b-0 [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-faint"
              >
                <KindIcon icon={kind?.icon ?? ''} />
                <span className="min-w-0 flex-1">
                  {kind ? <TextLink href={paths.resource(kind, one.id)}>{one.name}</TextLink> : one.name}
                </span>
                <span className="text-right text-xs text-muted">
                  {kind?.label ?? one.kind} · {through(one.kind, one.field)}
                </span>
              </li>
            )
          })}
        </ul>
      )}
    </Card>
  )
}
