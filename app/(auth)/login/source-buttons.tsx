import type { ConsolePaths } from '@/lib/paths'
import { buttonVariants } from '@/ui/button-variants'

interface Props {
  sources: readonly { id: string; kind: string; name: string }[]
  paths: ConsolePaths
  /** Where the person wanted to go. */
  next?: string
}

/** A button for each identity source of the host's tenant. Plain links: they lead to another site. */
export function SourceButtons({ sources, paths, next }: Props) {
  return (
    <section aria-label="Sign in by your organization" className="mt-4 grid gap-2 border-t border-line pt-4">
      {sources.map(({ id, kind, name }) => (
        <a
          key={id}
          href={paths.ssoStart(kind, id, next)}
          className={buttonVariants({ variant: 'secondary', size: 'lg', block: true })}
        >
          <span className="truncate">Sign in with {name}</span>
        </a>
      ))}
    </section>
  )
}
