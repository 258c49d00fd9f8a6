import type { ConsolePaths } from '@/lib/paths'
import { can, type SignedInOp } from '@/server/context/op'
import { LinkTabs } from '@/ui/link-tabs'

/** The parts of Settings > Organization that the person may see. */
export function OrganizationTabs({ op, paths }: { op: SignedInOp; paths: ConsolePaths }) {
  const items = [
    can(op, 'branding', 'read') && { label: 'Overview', href: paths.organization },
    can(op, 'billing', 'read') && { label: 'Billing & Plan', href: paths.billing },
    can(op, 'users', 'read') && { label: 'Access', href: paths.settingsUsers },
    can(op, 'sharing', 'read') && { label: 'Sharing', href: paths.sharing },
  ].filter((item) => item !== false)
  return <LinkTabs label="Organization" items={items} />
}
