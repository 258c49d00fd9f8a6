import { KindIcon } from '@/app/(console)/_components/kind-icon'
import type { ConsolePaths } from '@/lib/paths'
import { kindOf } from '@/lib/resource-kinds/registry'
import { TextLink } from '@/ui/text-link'

interface Props {
  refs: readonly { id: string; kind: string | null; name: string | null }[]
  paths: ConsolePaths
  /** Whether what refers to them is this tenant's own: what it does not see of that, it saw when it chose it. */
  isOwn: boolean
}

/** What a resource refers to, each a link; what this tenant does not see says so. */
export function RefLinks({ refs, paths, isOwn }: Props) {
  return (
    <ul className="grid gap-1">
      {refs.map(({ id, kind, name }) => {
        const of = kind === null ? undefined : kindOf(kind)
        return (
          <li key={id}>
            {of && name !== null ? (
              <span className="inline-flex items-center gap-1.5 [&_svg]:size-3.5 [&_svg]:shrink-0 [&_svg]:text-faint">
                <KindIcon icon={of.icon} />
                <TextLink href={paths.resource(of, id)}>{name}</TextLink>
              </span>
            ) : (
              <span className="text-muted">{isOwn ? 'No longer available' : 'Not shown to this tenant'}</span>
            )}
          </li>
        )
      })}
    </ul>
  )
}
