import { headers } from 'next/headers'
import { currentOp } from '@/app/_lib/op'
import { prefixOf } from '@/app/_lib/prefix'
import { consolePaths } from '@/lib/paths'
import { PATH_HEADER } from '@/lib/request-headers'
import { can } from '@/server/context/op'
import { ButtonLink } from '@/ui/button'
import { ErrorState } from '@/ui/error-state'

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/

/** The same page for what is hidden and for what never was (PRODUCT rule 1): the link knows the address, and nothing else. */
export default async function NotFound() {
  const op = await currentOp()
  const paths = consolePaths(prefixOf(op))
  const [id] = UUID.exec((await headers()).get(PATH_HEADER) ?? '') ?? []
  const explains = op.actor && can(op, 'users', 'read') && can(op, 'roles', 'read')
  return (
    <ErrorState
      kind="not-found"
      action={
        <>
          <ButtonLink href={paths.home}>Go home</ButtonLink>
          {explains && id && <ButtonLink href={paths.explainThing(id)}>Explain why</ButtonLink>}
        </>
      }
    />
  )
}
