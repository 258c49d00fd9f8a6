import { currentOp } from '@/app/_lib/op'
import { prefixOf } from '@/app/_lib/prefix'
import { consolePaths } from '@/lib/paths'
import { ButtonLink } from '@/ui/button'
import { ErrorState } from '@/ui/error-state'

export default async function Forbidden() {
  const paths = consolePaths(prefixOf(await currentOp()))
  return (
    <ErrorState kind="forbidden" action={<ButtonLink href={paths.account}>See what you may do</ButtonLink>} />
  )
}
