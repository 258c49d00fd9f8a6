import type { IdKind } from '@/server/rpc/declaration'
import { type ActorName, PEOPLE, type PersonName, type TenantKey } from '@/test/actors'
import { idOf } from '@/test/canary'
import { CUSTOMER_ROLE, MATRIX_CHANGE, resourceId, tenantId, userId } from '@/test/factories'
import type { World } from '@/test/world'
import { HOST_MOVE } from '@/test/plant-host-move'
import { KEPT_MAIL } from '@/test/plant-mail'
import { LICENCE } from '@/test/publisher'
import { WAITING_SIGN_UP } from '@/test/plant-sign-up'

/** Who asks, in which tenant, in which world. */
export interface Asking {
  world: World
  actor: ActorName
  tenant: TenantKey
}

/** How a procedure is called so that it works. */
export interface Valid {
  /** Whose call succeeds: the positive twin of every attack on it. */
  by: PersonName
  input: (asking: Asking) => unknown
  /** Where success is none: set-up is over in this world. */
  status?: number
}

export const PERSON: Partial<Record<TenantKey, PersonName>> = {
  M: 'Sam',
  A: 'Tom',
  B: 'Bolt Tom',
  C: 'Cora',
  E: 'Ella',
}

/** There is one of it, whoever asks. */
const ONLY = {
  tenantRole: CUSTOMER_ROLE,
  hostMove: HOST_MOVE,
  matrixChange: MATRIX_CHANGE,
  mail: KEPT_MAIL,
  licence: LICENCE,
  signUp: WAITING_SIGN_UP,
} as const
const isOnly = (kind: IdKind): kind is keyof typeof ONLY => kind in ONLY

/** An id of that kind that belongs to the tenant. Sessions are the asking person's own. */
export function ownId(kind: IdKind, tenant: TenantKey, actor?: ActorName): string {
  const person = actor !== undefined && actor in PEOPLE ? (actor as PersonName) : (PERSON[tenant] ?? 'Tom')
  if (isOnly(kind)) return ONLY[kind]
  switch (kind) {
    case 'tenant':
      return tenantId(tenant)
    case 'user':
      return userId(PERSON[tenant] ?? 'Tom')
    case 'role':
      return idOf(`role ${tenant} 1`)
    case 'resource':
    case 'anyHost':
      return resourceId(tenant === 'M' ? 'master private' : `${tenant} web`)
    case 'group':
      return idOf(`group ${tenant} 1`)
    case 'task':
      return idOf(`task ${tenant} 1`)
    case 'grant':
      return idOf(tenant === 'A' ? 'grant granted A' : 'grant pending grant B') // the master gave both
    case 'enrolmentToken':
      return idOf(`token ${tenant} 1`)
    case 'session':
      return idOf(`session ${person} 2`)
    case 'auditEvent':
      return idOf(`audit ${tenant}`)
    case 'identitySource':
      return idOf(`identity source ${tenant}`)
    case 'scimConnection':
      return idOf(`scim connection ${tenant}`)
    case 'scimSchema':
      return 'urn:ietf:params:scim:schemas:core:2.0:User' // everybody's
    case 'scimGroup':
      return idOf(`scim group ${tenant}`)
    case 'invitation':
      return idOf(`invitation ${tenant}`)
    case 'impersonation':
      return idOf(`impersonation ${tenant} asked`)
    case 'passkey':
      return idOf(`passkey ${person}`)
  }
}

/** An id of that kind that is real and none of the viewer's business. */
export const foreignId = (kind: IdKind, viewer: TenantKey): string =>
  // What siblings share is not the master's either.
  kind === 'grant' && viewer === 'M' ? idOf('grant B db') : ownId(kind, viewer === 'A' ? 'B' : 'A')
/** An id that never was. */
export const unusedId = (label = 'unused'): string => idOf(`nothing ${label}`)

export const none = () => undefined
export const empty = () => ({})
export const subtenant = () => ({ tenantId: tenantId('A') })
export const newPassword = {
  password: 'another good long password 7',
  passwordConfirm: 'another good long password 7',
}
export const person = {
  firstName: 'New',
  lastName: 'Person',
  username: 'new.person',
  email: 'new@example.com',
}
export const fields = {
  description: '',
  icon: '',
  currency: 'USD',
  accountNumber: '',
  accountName: '',
  customerNumber: '',
}
export const reason = 'for the test'
export const CELL = {
  resourceId: resourceId('master private'),
  tenantId: tenantId('A'),
  from: 'none',
  to: 'sees',
}
export const ROW = { resourceId: resourceId('master private 2'), to: 'public' }

export const updatedAt = async (world: World, id: string) =>
  (
    await world.admin.query<{ updated_at: Date }>('select updated_at from tenant where id = $1', [id])
  ).rows[0]?.updated_at.toISOString()

export const resourceUpdatedAt = async (world: World, id: string) =>
  (
    await world.admin.query<{ updated_at: Date }>('select updated_at from resource where id = $1', [id])
  ).rows[0]?.updated_at.toISOString()

export const mara = (input: Valid['input']): Valid => ({ by: 'Mara', input })
export const ada = (input: Valid['input']): Valid => ({ by: 'Ada', input })
export const own =
  (kind: IdKind, more: object = {}): Valid['input'] =>
  (who) => ({ id: ownId(kind, who.tenant, who.actor), ...more })
export const tom =
  (more: object = {}): Valid['input'] =>
  () => ({ tenantId: tenantId('A'), id: userId('Tom'), ...more })

export const tomOf = () => ({ tenantId: tenantId('A'), userId: userId('Tom') })

/** What Mara asked of Acme and of Bolt is under way: she is in as somebody there. */
export async function actingNow({ admin }: World): Promise<void> {
  for (const key of ['A', 'B'] as const) {
    const id = idOf(`impersonation ${key} asked`)
    const session = idOf(`session of impersonation ${key}`)
    await admin.query(
      `insert into session (id, tenant_id, user_id, token_hash, idle_expires_at, absolute_expires_at, impersonation_id)
      select $2::uuid, tenant_id, subject_id, sha256(convert_to($2::text, 'UTF8')), now() + interval '20 minutes', now() + interval '20 minutes', id
      from impersonation where id = $1`,
      [id, session],
    )
    await admin.query(
      `update impersonation set session_id = $2, started_at = now(), ends_at = now() + interval '20 minutes', parent_session_id = $3 where id = $1`,
      [id, session, idOf('session Mara')],
    )
  }
}

export const copy = (): Valid['input'] => (who) => ({ id: idOf(`role copy ${who.tenant}`) })
export const inAcme =
  (more: object): Valid['input'] =>
  () => ({ tenantId: tenantId('A'), ...more })
export const roleUpdatedAt = async (world: World, id: string) =>
  (
    await world.admin.query<{ updated_at: Date }>(
      'select updated_at from user_role where id = $1 union all select updated_at from tenant_role where id = $1',
      [id],
    )
  ).rows[0]?.updated_at.toISOString()

/** A role that says something of everything, of what the tenant sees. */
export function roleContent(tenant: TenantKey) {
  const web = ownId('resource', tenant)
  const clouds = tenant === 'B' ? [] : [{ id: resourceId('public cloud'), access: 'read' }]
  return {
    name: 'Fresh role',
    description: '',
    landing: 'hosts',
    levels: { hosts: 'group', users: 'read' },
    access: {
      groups: { default: 'none', entries: [{ id: ownId('group', tenant), access: 'read' }] },
      clouds: { default: 'full', entries: clouds },
      instanceTypes: { default: 'full', entries: [{ id: resourceId('public type'), access: 'read' }] },
      resources: [{ id: web, access: 'read' }],
      claims: [{ kinds: ['host'], actions: ['get'], resources: [web] }],
    },
  }
}
export const updatedRole = async (world: World, id: string, tenant: TenantKey) => ({
  ...roleContent(tenant),
  id,
  updatedAt: (await roleUpdatedAt(world, id)) ?? new Date(0).toISOString(),
})
export const ROLES_FILE = JSON.stringify({
  format: 'freehold.roles',
  version: 1,
  roles: [{ name: 'From a file', levels: { hosts: 'read' } }],
})
export const CAP_CONTENT = {
  name: 'Fresh cap',
  description: '',
  landing: '',
  levels: { hosts: 'full', users: 'full' },
  defaultCloudLevel: 'none',
  clouds: [{ id: resourceId('public cloud'), level: 'read' }],
}

/** The asking tenant's own thing, given to a sibling. */
export const share = mara(({ tenant }) => ({
  kind: 'host',
  resourceId: resourceId(tenant === 'M' ? 'master private' : `${tenant} secret`),
  tenantId: tenantId(tenant === 'B' ? 'A' : 'B'),
  role: 'editor',
}))

export const tenantsOfIt = mara(() => ({
  kind: 'host',
  resourceId: resourceId('master private'),
  tenantIds: [tenantId('A'), tenantId('B')],
}))
export const membersMap = () => ({
  tenantId: tenantId('A'),
  map: { machines: [resourceId('master private')], profiles: ['*'] },
})
