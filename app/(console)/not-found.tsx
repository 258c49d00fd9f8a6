import { currentOp } from '@/app/_lib/op'
import { prefixOf } from '@/app/_lib/prefix'
import { consolePaths } from '@/lib/paths'
import { ButtonLink } from '@/ui/button'
import { ErrorState } from '@/ui/error-state'

/** The same page for what is hidden and for what never was (PRODUCT rule 1). */
export default async function NotFound() {
  const paths = consolePaths(prefixOf(await currentOp()))
  return <ErrorState kind="not-found" action={<ButtonLink href={paths.home}>Go home</ButtonLink>} />
}
