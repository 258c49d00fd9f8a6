import { afterAll, beforeAll, beforeEach } from 'vitest'
import { callSystem } from '@/server/db/system'
import { rolesRouter, tenantsRolesRouter } from '@/server/features/roles/roles.router'
import { tenantRolesRouter } from '@/server/features/roles/tenant-roles.router'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import type { PersonName } from '@/test/actors'
import { tenantId, userId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'
import { tenantUsersRouter } from './tenant-users.router'
import { usersRouter } from './users.router'

const factory = createCallerFactory(
  router({
    users: usersRouter,
    tenantUsers: tenantUsersRouter,
    roles: rolesRouter,
    rolesIn: tenantsRolesRouter,
    tenantRoles: tenantRolesRouter,
  }),
)
export let world: World

/** Opens the world for the tests of a file: made once, as it was for each test. */
export function useWorld(): void {
  beforeAll(async () => void (world = await createWorld()))
  beforeEach(() => world.restore())
  afterAll(() => world.close())
}

export const api = async (name: PersonName) => factory({ op: await world.opOf(name) })
export const acme = tenantId('A')
const ROLE = { superAdmin: 201, support: 202, owner: 203, admin: 204, editor: 205, viewer: 206 }
export const role = (name: keyof typeof ROLE) => `00000000-0000-4000-8000-000000000${ROLE[name]}`

export const newUser = (more: Record<string, unknown> = {}) => ({
  firstName: 'Uma',
  lastName: 'New',
  username: 'uma',
  email: 'uma@acme.example',
  roleIds: [role('viewer')],
  ...more,
})
export const lookup = async (slug: string, username: string) => {
  const [row] = await callSystem<
    { ok: boolean; password_hash: string; must_change: boolean },
    'sign_in_lookup'
  >('sign_in_lookup', [slug, slug, username])
  return row
}
export const events = async (tenant: string, event: string) => {
  const { rows } = await world.admin.query<{
    actor_name: string
    target_name: string
    before: unknown
    after: Record<string, unknown>
  }>(
    `select actor_name, target_name, before, after from audit_event where tenant_id = $1 and event = $2 and result = 'ok' order by at`,
    [tenant, event],
  )
  return rows
}
export const signedIn = async (name: PersonName) => (await world.opOf(name)).actor !== null
/** A role of Acme's own with these levels. */
export async function ownRole(levels: Record<string, string>, tenant = acme): Promise<string> {
  const { rows } = await world.admin.query<{ id: string }>(
    `insert into user_role (tenant_id, name, levels) values ($1, 'Own ' || gen_random_uuid(), $2) returning id`,
    [tenant, JSON.stringify(levels)],
  )
  return rows[0]?.id ?? ''
}
export const give = (user: PersonName, roleId: string, tenant = acme) =>
  world.admin.query('insert into role_assignment (tenant_id, user_id, role_id) values ($1, $2, $3)', [
    tenant,
    userId(user),
    roleId,
  ])
