import type { Effect } from '@/lib/effects'
import { MASTER_TENANT_ID } from '@/lib/master'
import { type CellLevel, isMore, levelOf, type Reason } from '@/lib/matrix'
import { labelOfKind } from '@/lib/resource-kinds/registry'

/** A resource before or after a change. */
export interface Standing {
  id: string
  kind: string
  name: string
  visibility: 'private' | 'public'
  cloudId: string | null
  cloudName: string | null
}

/** What two moments have to be compared: the cells of tenants with something of their own, and who sees what is public. */
export interface Moment {
  rows: ReadonlyMap<string, Standing>
  reasonsOf: (resourceId: string, tenantId: string) => readonly Reason[]
}

const DOES: Record<CellLevel, string> = {
  none: 'no access',
  sees: 'sees it',
  uses: 'uses it',
  edits: 'edits it',
  owns: 'owns it',
}

/** One tenant's cell before and after, as a line; null where it is the same. */
function cellEffect(
  what: string,
  before: readonly Reason[],
  after: readonly Reason[],
): Pick<Effect, 'change' | 'what'> | null {
  const [from, to] = [levelOf(before), levelOf(after)]
  if (from === to) {
    if (from === 'owns' && before.includes('assigned') !== after.includes('assigned'))
      return { change: after.includes('assigned') ? 'gains' : 'loses', what: `the use of ${what}` }
    if (before.includes('offered') === after.includes('offered')) return null
    const offer = `the offer of ${what}, which is not accepted yet`
    return { change: after.includes('offered') ? 'gains' : 'loses', what: offer }
  }
  if (from === 'none') return { change: 'gains', what: `${what} (${DOES[to]})` }
  if (to === 'none') return { change: 'loses', what: `${what} (${DOES[from]})` }
  return { change: isMore(from, to) ? 'gains' : 'loses', what: `${what}: ${from} → ${to}` }
}

/** Who sees a public resource: the key in the audiences, or null while it is private. */
const publicKey = ({ visibility, cloudId }: Standing): string | null =>
  visibility === 'public' ? (cloudId ?? '') : null

/** Everyone else who gains or loses sight because a resource became public or private: counted, not listed. */
function wideEffect(
  what: string,
  before: Standing,
  after: Standing,
  listed: ReadonlySet<string>,
  audiences: ReadonlyMap<string, ReadonlySet<string>>,
): Effect | null {
  const [from, to] = [publicKey(before), publicKey(after)]
  if (from === to) return null
  const key = to ?? from ?? ''
  const count = [...(audiences.get(key) ?? [])].filter((id) => !listed.has(id)).length
  if (count === 0) return null
  const tenants = count === 1 ? '1 other tenant' : `Each of ${count.toLocaleString('en')} other tenants`
  const cloud = after.cloudName ?? before.cloudName ?? ''
  const tenant = key === '' ? tenants : `${tenants} with cloud ${cloud}`
  return {
    tenantId: MASTER_TENANT_ID,
    tenant,
    who: '',
    change: to === null ? 'loses' : 'gains',
    what: `${what} (sees it)`,
  }
}

/**
 * Who gained and who lost what between two moments.
 * @param pairs `<resource> <tenant>` of all that have something of their own, before or after
 * @param nameOf tenants' names
 * @param audiences who sees what is public, by cloud and under '' for none
 */
export function effectsBetween(
  before: Moment,
  after: Moment,
  pairs: readonly string[],
  nameOf: (tenantId: string) => string,
  audiences: ReadonlyMap<string, ReadonlySet<string>>,
): Effect[] {
  const tenantsOf = new Map<string, string[]>()
  for (const pair of pairs) {
    const [resourceId = '', tenantId = ''] = pair.split(' ')
    tenantsOf.set(resourceId, [...(tenantsOf.get(resourceId) ?? []), tenantId])
  }
  const effects: Effect[] = []
  for (const [id, row] of after.rows) {
    const what = `${labelOfKind(row.kind)} ${row.name}`
    const tenants = tenantsOf.get(id) ?? []
    for (const tenantId of tenants) {
      const one = cellEffect(what, before.reasonsOf(id, tenantId), after.reasonsOf(id, tenantId))
      if (one) effects.push({ tenantId, tenant: nameOf(tenantId), who: '', ...one })
    }
    const was = before.rows.get(id)
    const wide = was && wideEffect(what, was, row, new Set(tenants), audiences)
    if (wide) effects.push(wide)
  }
  return effects.sort(
    (a, b) => (a.what < b.what ? -1 : a.what > b.what ? 1 : 0) || (a.tenant < b.tenant ? -1 : 1),
  )
}
