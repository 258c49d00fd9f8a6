import type { ConsolePaths } from '@/lib/paths'
import { kindOf } from '@/lib/resource-kinds/registry'
import { ButtonLink } from '@/ui/button'
import { TextLink } from '@/ui/text-link'

interface Props {
  /** What the stream is narrowed to, as its first row tells of it; undefined where it has none. */
  about: { id: string; kind: string; name: string } | undefined
  /** The same stream, of everything. */
  allHref: string
  paths: ConsolePaths
}

/** Says that a stream is about one thing only, and leads to all of it. */
export function OfOne({ about, allHref, paths }: Props) {
  const kind = about && kindOf(about.kind)
  return (
    <div className="mb-3 flex flex-wrap items-center gap-3 text-sm text-muted">
      <span>
        Only of{' '}
        {about && kind ? (
          <TextLink href={paths.resource(kind, about.id)}>{about.name}</TextLink>
        ) : (
          'one machine'
        )}
      </span>
      <ButtonLink href={allHref} size="sm">
        Show all
      </ButtonLink>
    </div>
  )
}
