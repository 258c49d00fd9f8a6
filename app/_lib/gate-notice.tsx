import { can, type OpContext } from '@/server/context/op'
import type { AppError } from '@/server/platform/errors'
import { consolePaths } from '@/lib/paths'
import { ErrorState } from '@/ui/error-state'

/** In place of a page that multi-tenancy's switch or licence keeps shut: what is missing, and where it is put right. */
export function GateNotice({ op, error }: { op: OpContext; error: AppError }) {
  const off = error.code === 'feature_disabled'
  const mayFix = op.tenant?.isMaster && can(op, 'settings', 'read')
  return (
    <ErrorState
      kind={off ? 'feature-disabled' : 'license-required'}
      title={error.message}
      description={
        mayFix
          ? off
            ? 'Turn multi-tenancy on in Settings > Tenants to create tenants and let their users in.'
            : 'The licence of this installation does not cover multi-tenancy now. What is there stays readable.'
          : 'Ask your provider about it.'
      }
      action={mayFix ? { label: 'Open Settings > Tenants', href: consolePaths('').settingsTenants } : undefined}
    />
  )
}
