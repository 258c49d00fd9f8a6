import { PERSONS, TENANTS } from './state'
import { idOf } from '@/test/canary'
import { CUSTOMER_ROLE, tenantId, userId } from '@/test/factories'

const BUILT_IN = ['super_admin', 'support', 'owner', 'admin', 'editor', 'viewer']
const FIXED: Record<string, string> = {
  customer: CUSTOMER_ROLE,
  organization: '00000000-0000-4000-8000-000000000102',
  ...Object.fromEntries(BUILT_IN.map((name, i) => [name, `00000000-0000-4000-8000-00000000020${i + 1}`])),
  ...Object.fromEntries(TENANTS.map((key) => [key, tenantId(key)])),
  ...Object.fromEntries(PERSONS.map((name) => [name, userId(name)])),
}
const known = new Map<string, string>()
/** Ids that the product gave in this sequence. */
const given = new Map<string, string>()

/** The id that a slot of the model has in the database. */
export function idFor(slot: string): string {
  const id = given.get(slot) ?? FIXED[slot] ?? idOf(`model ${slot}`)
  known.set(id, slot)
  return id
}
for (const slot of Object.keys(FIXED)) idFor(slot)

/** What was made for a slot has this id. */
export function give(slot: string, id: string): void {
  given.set(slot, id)
  known.set(id, slot)
}
/** Forgets what the product gave: a sequence begins. */
export function takeBack(): void {
  for (const id of given.values()) known.delete(id)
  given.clear()
}

/** The slot of an id; the id itself where it is none of the model's, which is then a difference. */
export const slotFor = (id: string): string => known.get(id) ?? id

/** `cloud:r0` with the id in it; tags stay. */
export function scopeText(scope: string, name: (slot: string) => string): string {
  const [kind, value] = scope.split(':')
  return value === undefined || kind === 'tag' ? scope : `${kind}:${name(value)}`
}
