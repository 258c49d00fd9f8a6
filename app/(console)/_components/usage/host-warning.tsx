import type { ConsolePaths } from '@/lib/paths'
import type { HostWarning } from '@/server/features/usage/usage.schema'
import { Alert } from '@/ui/alert'
import { ButtonLink } from '@/ui/button'

const n = (value: number) => value.toLocaleString('en')

interface Props {
  warning: NonNullable<HostWarning>
  paths: ConsolePaths
  /** In the provider's own console. */
  isMaster: boolean
  /** Whether the person may look at the page it leads to. */
  mayLook: boolean
}

/** That the hosts one may have are nearly or wholly used up, over the list of hosts. */
export function HostWarningAlert({ warning: { of, level, used, most }, paths, isMaster, mayLook }: Props) {
  const full = level === 100
  const what =
    of === 'licence' ? 'The host licence' : isMaster ? 'The slice of this tenant' : 'Your share of hosts'
  return (
    <Alert
      tone={full ? 'danger' : 'warning'}
      title={full ? `${what} is used up` : `${what} is nearly used up`}
      className="mb-4"
      action={
        mayLook && (
          <ButtonLink size="sm" href={isMaster ? paths.usage : paths.billing}>
            Show usage
          </ButtonLink>
        )
      }
    >
      {n(used)} of {n(most)} {most === 1 ? 'host' : 'hosts'} {used === 1 ? 'is' : 'are'} there.{' '}
      {full
        ? `New ones are refused; what is there goes on. ${isMaster ? 'Remove some, or get more.' : 'Remove some, or ask your provider for more.'}`
        : `There is room for ${n(most - used)} more.`}
    </Alert>
  )
}
