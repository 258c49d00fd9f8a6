import { afterAll, beforeAll, beforeEach } from 'vitest'
import { accountRouter } from '@/server/features/account/account.router'
import { hostsRouter } from '@/server/features/hosts/hosts.router'
import { rolesRouter, tenantsRolesRouter } from '@/server/features/roles/roles.router'
import { tenantRolesRouter } from '@/server/features/roles/tenant-roles.router'
import { tenantUsersRouter } from '@/server/features/users/tenant-users.router'
import { usersRouter } from '@/server/features/users/users.router'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import type { PersonName, TenantKey } from '@/test/actors'
import { tenantId, userId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

const factory = createCallerFactory(
  router({
    account: accountRouter,
    hosts: hostsRouter,
    roles: rolesRouter,
    rolesIn: tenantsRolesRouter,
    tenantRoles: tenantRolesRouter,
    users: usersRouter,
    tenantUsers: tenantUsersRouter,
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
const BUILT_IN = { owner: 203, admin: 204, editor: 205, viewer: 206 }
export const builtIn = (name: keyof typeof BUILT_IN) => `00000000-0000-4000-8000-000000000${BUILT_IN[name]}`

/** Somebody holds exactly this role in their own tenant. */
export async function holds(user: PersonName, roleId: string, scope = '') {
  await world.admin.query('delete from role_assignment where user_id = $1', [userId(user)])
  await world.admin.query(
    `insert into role_assignment (tenant_id, user_id, role_id, scope)
     select home_tenant_id, id, $2, $3 from user_account where id = $1`,
    [userId(user), roleId, scope],
  )
}

/** A role planted beside the wall. @returns its id */
export async function planted(
  tenant: TenantKey,
  levels: object,
  more: { name?: string; access?: object; multiTenant?: boolean } = {},
): Promise<string> {
  const { rows } = await world.admin.query<{ id: string }>(
    `insert into user_role (tenant_id, name, levels, access, multi_tenant) values ($1, coalesce($2, 'Role ' || gen_random_uuid()), $3, $4, $5) returning id`,
    [
      tenantId(tenant),
      more.name,
      JSON.stringify(levels),
      JSON.stringify(more.access ?? {}),
      more.multiTenant ?? false,
    ],
  )
  return rows[0]?.id ?? ''
}

/** What a log says of an event, the newest first; without what was planted, which no request wrote. */
export async function logged(tenant: TenantKey, event: string) {
  const { rows } = await world.admin.query<{
    result: string
    target_name: string
    before: Record<string, unknown> | null
    after: (Record<string, unknown> & { effects?: string[] }) | null
  }>(
    `select result, target_name, before, after from audit_event where tenant_id = $1 and event = $2 and request_id <> '' order by at desc, id`,
    [tenantId(tenant), event],
  )
  return rows
}

/** What an update sends back of a role that was read. */
export function sentBack(role: {
  id: string
  name: string
  description: string
  levels: Record<string, string>
  landing: string
  updatedAt: string
  access: unknown
}) {
  const { id, name, description, landing, updatedAt } = role
  return {
    id,
    name,
    description,
    updatedAt,
    landing: landing as '',
    levels: onlySaid(role.levels),
    access: {},
  }
}

const onlySaid = (levels: Record<string, string>) =>
  Object.fromEntries(Object.entries(levels).filter(([, level]) => level !== 'none')) as Record<string, never>
