import { headers } from 'next/headers'
import { caller } from '@/app/_lib/caller'
import { currentOp } from '@/app/_lib/op'
import { permissionAt } from '@/app/_lib/page-at'
import { prefixOf } from '@/app/_lib/prefix'
import { consolePaths } from '@/lib/paths'
import { can } from '@/server/context/op'
import { PERMISSIONS } from '@/lib/permissions'
import { PATH_HEADER } from '@/lib/request-headers'
import { ButtonLink } from '@/ui/button'
import { ErrorState } from '@/ui/error-state'

/** Says which permission the page needs, and who can give it. */
export default async function Forbidden() {
  const op = await currentOp()
  const prefix = prefixOf(op)
  const paths = consolePaths(prefix)
  const path = (await headers()).get(PATH_HEADER) ?? ''
  const needed = permissionAt(path.startsWith(prefix) ? path.slice(prefix.length) : path)
  if (op.impersonator) {
    const asks = needed && !can(op, needed[0], needed[1])
    if (!asks) return <NotWhileActing home={paths.home} as={op.actor?.displayName ?? ''} />
  }
  const answer =
    needed && op.actor ? await caller(op).explain.own({ permission: needed[0], level: needed[1] }) : null
  return (
    <ErrorState
      kind="forbidden"
      action={
        <>
          <ButtonLink href={paths.account}>See what you may do</ButtonLink>
          {needed && (
            <ButtonLink href={paths.explainPermission(needed[0], needed[1])}>Explain why</ButtonLink>
          )}
        </>
      }
    >
      {needed && answer && !answer.allowed ? (
        <>
          This page needs {PERMISSIONS[needed[0]].label} at {needed[1]}.{' '}
          {answer.ask ?? answer.remedies.map(({ words }) => words).join(' ')}
        </>
      ) : undefined}
    </ErrorState>
  )
}

const NotWhileActing = ({ home, as }: { home: string; as: string }) => (
  <ErrorState
    kind="forbidden"
    title="Not while impersonating"
    action={<ButtonLink href={home}>Back to the start</ButtonLink>}
  >
    Passwords, sessions, tokens and the like are for {as} alone.
  </ErrorState>
)
