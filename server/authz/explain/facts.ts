import type { Access, Verb } from '@/lib/access'
import type { Level, Permission } from '@/lib/permissions'
import type { Gate } from '@/server/authz/gate'
import type { HeldRole, ReachRow } from '@/server/authz/reach'
import type { GrantRole } from '@/server/authz/relation'
import type { StoredRole } from '@/server/authz/rights'

/** A grant to the tenant, in whatever state; `all`: of all of its kind. */
export interface GrantFact {
  role: GrantRole
  status: 'pending' | 'live' | 'suspended'
  ended: boolean
  all: boolean
}

/** The cloud that a thing stands in (a cloud stands in itself). */
export interface CloudFact {
  id: string
  /** Null where the one who asks does not see it. */
  name: string | null
  public: boolean
  /** What the tenant role gives of it. */
  offered: Access
  /** The tenant has added it. */
  added: boolean
}

/** A resource with all that decides who may do what with it, in one tenant. */
export interface ThingFact extends ReachRow {
  name: string
  ownerId: string
  assignedId: string
  /** Null: not for the one who asks to know. */
  assignedName: string | null
  visibility: 'private' | 'public'
  cloud: CloudFact | null
  grants: readonly GrantFact[]
}

/** An assignment of a role, also one that is over. */
export interface RoleFact extends HeldRole {
  /** Of the role. */
  id: string
  name: string
  ended: boolean
}

export interface TenantFact {
  id: string
  name: string
  isMaster: boolean
  status: 'active' | 'disabled' | 'deleted'
  /** Null in the master tenant. */
  cap: (StoredRole & { id: string; name: string }) | null
}

export interface PersonFact {
  userId: string
  name: string
  active: boolean
  mustChangePassword: boolean
}

/** Everything that decides one question. */
export interface Facts {
  gate: Gate
  tenant: TenantFact
  person: PersonFact
  roles: readonly RoleFact[]
  thing: ThingFact | null
}

/** What is asked: something with the thing, or a permission at a level. */
export type Question = { verb: Verb } | { permission: Permission; level: Level }
