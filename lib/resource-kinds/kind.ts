/** One field of a kind's spec: what a person sees of it, and how it is checked. */
interface SpecField {
  label: string
  type: 'text' | 'number' | 'boolean'
  /** Of a number: `bytes`, `seconds`, … */
  unit?: string
  required?: true
}

/** What the portal needs to know of a kind of resource. A new kind is one file here and one line in the registry. */
export interface ResourceKind {
  /** As stored in `resource.kind`. */
  kind: string
  label: string
  plural: string
  /** Name of a lucide icon. */
  icon: string
  /** Path of its list in the console, without the tenant's prefix; null: it has no page of its own. */
  path: string | null
  /** What `resource.spec` holds. What changes all the time is state, not spec. */
  spec: Readonly<Record<string, SpecField>>
  /** May be offered to all tenants (PRODUCT, "visibility"). */
  canBePublic: boolean
  /** May be assigned to one tenant for use. */
  canBeAssigned: boolean
  /** May be granted to several tenants. */
  canBeGranted: boolean
  /** Has power actions and the like: whoever uses it may act on it. */
  canBeActedOn: boolean
}
