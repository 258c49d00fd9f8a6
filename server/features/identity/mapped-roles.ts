import type { Giver } from '@/server/authz/cover'
import type { Tx } from '@/server/db/scope'
import { grantRefusal } from '@/server/features/roles/roles.policy'
import { rolesOfTenant, templatesOf } from '@/server/features/roles/roles.service'
import type { AppError } from '@/server/platform/errors'

type Stored = Awaited<ReturnType<typeof rolesOfTenant>>[number]

/** A role that people of the tenant can have. */
export interface Role extends Stored {
  /** Of a copy that the tenant made: what it was made from, and what is stored. */
  template: Stored | null
}

/** Roles of the tenant, as a source or a connection gives them. */
export async function rolesToMap(tx: Tx, tenantId: string): Promise<Role[]> {
  const roles = await rolesOfTenant(tx, tenantId)
  const ids = roles.flatMap(({ templateId }) => templateId ?? [])
  const templates = ids.length === 0 ? [] : await templatesOf(tx, ids)
  return roles.map((role) => ({
    ...role,
    template: templates.find(({ id }) => id === role.templateId) ?? null,
  }))
}

/** What a role is stored as: a copy that the tenant made of a template, as the template, so that it lasts when the copy goes. */
export const rootOf = (role: Role): string => role.templateId ?? role.id
/** The role that is meant by a stored id now. */
export const roleNow = (roles: readonly Role[], id: string): Role | undefined =>
  roles.find((role) => role.id === id || role.templateId === id)

/** Why the giver may not let a source or connection give the role; null: they may. Of a copy the template, too: people have that when the copy goes. */
export const mapRefusal = (giver: Giver, role: Role): AppError | null =>
  grantRefusal(giver, role) ?? (role.template ? grantRefusal(giver, role.template) : null)
