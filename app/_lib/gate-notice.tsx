import { consolePaths } from '@/lib/paths'
import { can, type OpContext } from '@/server/context/op'
import type { AppError } from '@/server/platform/errors'
import { ButtonLink } from '@/ui/button'
import { ErrorState } from '@/ui/error-state'

/** In place of a page that multi-tenancy's switch or licence keeps shut: what is missing, and where it is put right. */
export function GateNotice({ op, error }: { op: OpContext; error: AppError }) {
  const off = error.code === 'feature_disabled'
  const mayFix = op.tenant?.isMaster && can(op, 'settings', 'read')
  const paths = consolePaths('')
  const action = off ? (
    <ButtonLink href={paths.settingsTenants}>Open Settings &gt; Multi-tenancy</ButtonLink>
  ) : (
    <ButtonLink href={paths.settingsPlans}>Open Settings &gt; Plans &amp; Activation</ButtonLink>
  )
  return (
    <ErrorState
      kind={off ? 'feature-off' : 'licence'}
      title={error.message}
      action={mayFix ? action : undefined}
    >
      {!mayFix && 'Your provider can change that.'}
      {mayFix && off && 'Turn multi-tenancy on to create tenants and let their users in.'}
      {mayFix &&
        !off &&
        'The licence of this installation does not cover it now. What is there stays readable.'}
    </ErrorState>
  )
}
