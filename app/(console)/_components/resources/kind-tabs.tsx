import type { ConsolePaths } from '@/lib/paths'
import { kindOf } from '@/lib/resource-kinds/registry'
import { can, type SignedInOp } from '@/server/context/op'
import { LinkTabs } from '@/ui/link-tabs'

/** Kinds that share one entry of the menu, as seed 002 has them. */
const TOGETHER = [['host', 'virtual_machine', 'bare_metal']]

/** Tabs over kinds that share a place in the menu, as far as the person may look at them; nothing for one that stands alone. */
export function KindTabs({ kind, op, paths }: { kind: string; op: SignedInOp; paths: ConsolePaths }) {
  const kinds = TOGETHER.find((one) => one.includes(kind)) ?? []
  const items = kinds
    .flatMap((one) => kindOf(one) ?? [])
    .filter(({ permission }) => can(op, permission, 'read'))
    .map((one) => ({ label: one.plural, href: paths.kind(one) }))
  return items.length > 1 ? <LinkTabs label="Kinds of machine" items={items} /> : null
}
