import { randomUUID } from 'node:crypto'
import type { SignInWorld } from '@/server/features/sign-in/world.fixture'
import { Browser } from '@/server/features/sign-in/browser.fixture'
import { openWorld } from '@/server/features/sign-in/world.fixture'
import { dispatch } from '@/server/http/dispatch'
import { hashPassword } from '@/server/platform/password'
import { randomToken, sha256 } from '@/server/platform/crypto'

export const ACME = 'acme.localhost:3000'
export const BOLT = 'bolt.localhost:3000'
export const MAIN = 'localhost:3000'

type Answered = Record<string, unknown> & {
  id: string
  totalResults: number
  Resources: (Record<string, unknown> & { id: string; userName: string })[]
  members: { value: string; display: string }[]
  meta: { version: string; location: string }
}
/** An answer; `body` is what the test takes it for. */
export interface Answer {
  status: number
  headers: Headers
  body: Answered
}

export interface Connection {
  id: string
  token: string
  name: string
}

/** Puts a connection in. @param roles groups and the built-in roles that they give */
export async function plantConnection(
  { sql }: Pick<SignInWorld, 'sql'>,
  tenantId: string,
  fields: {
    name?: string
    defaultRole?: string | null
    sourceId?: string | null
    roles?: [string, string][]
  } = {},
): Promise<Connection> {
  const { name = 'Okta', defaultRole = null, sourceId = null, roles = [] } = fields
  const [id, token] = [randomUUID(), randomToken('fhs_')]
  await sql(
    `insert into scim_connection (id, tenant_id, name, token_hash, source_id, default_role_id)
     values ($1, $2, $3, $4, $5, (select id from user_role where built_in = $6))`,
    [id, tenantId, name, Buffer.from(sha256(token), 'hex'), sourceId, defaultRole],
  )
  for (const [group, role] of roles)
    await sql(
      `insert into scim_role_map (tenant_id, connection_id, group_name, role_id) select $1, $2, $3, id from user_role where built_in = $4`,
      [tenantId, id, group, role],
    )
  return { id, token, name }
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** A directory: sends requests to the dispatcher, as the server does. */
export const directory =
  (token: string, host = ACME) =>
  async (
    method: Method,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const url = new URL(`/scim/v2${path}`, 'http://freehold.invalid')
    const request = new Request(url, {
      method,
      headers: {
        ...(token !== '' && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/scim+json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    const facts = {
      host,
      path: url.pathname,
      cookie: null,
      ip: '192.0.2.7',
      userAgent: 'directory',
      requestId: randomUUID(),
    }
    const response = await dispatch(request, url.pathname, facts)
    const text = (await response?.text()) ?? ''
    return {
      status: response?.status ?? 0,
      headers: response?.headers ?? new Headers(),
      body: (text.startsWith('{') ? JSON.parse(text) : {}) as Answered,
    }
  }
export type Directory = ReturnType<typeof directory>

export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User'
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group'
export const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
export const patch = (...Operations: object[]) => ({ schemas: [PATCH_OP], Operations })

/** As Okta creates somebody. */
export const oktaUser = (userName: string, more: object = {}) => ({
  schemas: [USER],
  userName,
  name: { givenName: 'Lea', familyName: 'Lind' },
  emails: [{ primary: true, value: `${userName.split('@')[0]}@acme.example`, type: 'work' }],
  displayName: 'Lea Lind',
  locale: 'en-US',
  externalId: `00u${userName}`,
  groups: [],
  password: 'Okta sends a random one 1mz050nq',
  active: true,
  ...more,
})

/** As Entra ID creates somebody. */
export const entraUser = (userName: string, more: object = {}) => ({
  schemas: [USER, 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'],
  externalId: `oid-${userName}`,
  userName,
  active: true,
  displayName: 'Lea Lind',
  emails: [{ primary: true, type: 'work', value: `${userName.split('@')[0]}@acme.example` }],
  meta: { resourceType: 'User' },
  name: { formatted: 'Lea Lind', familyName: 'Lind', givenName: 'Lea' },
  roles: [],
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { department: 'Ops', employeeNumber: '7' },
  ...more,
})

const PASSWORD = 'plum-orbit-lantern-43'

/** A world with Acme's directory, which maps Everyone to Viewer and Operators to Editor; `reset` begins anew. */
export async function openDirectory() {
  const world = await openWorld()
  const { sql, acme } = world
  const passwordHash = await hashPassword(PASSWORD)
  const browser = async (login: string) => {
    const b = new Browser(dispatch)
    const { status } = await b.signIn(`http://${ACME}`, login, PASSWORD)
    return { b, status }
  }
  return {
    ...world,
    /** Leaves who is in the world, and a new connection. */
    async reset() {
      await world.forgive()
      for (const table of ['scim_connection', 'session', 'identity_source']) await sql(`delete from ${table}`)
      await sql('delete from user_account where id <> all ($1)', [Object.values(world.ids)])
      await sql(`update user_account set status = 'active'`)
      await sql(`update tenant set status = 'active'`)
      const connection = await plantConnection(world, acme, {
        roles: [
          ['Everyone', 'viewer'],
          ['Operators', 'editor'],
        ],
      })
      return { connection, api: directory(connection.token) }
    },
    rolesOf: async (id: string) => {
      const rows = await sql<{ role: string }>(
        `select r.built_in as role from role_assignment ra join user_role r on r.id = ra.role_id where ra.user_id = $1 order by 1`,
        [id],
      )
      return rows.map(({ role }) => role)
    },
    /** As an administrator gives it. */
    give: (id: string, role: string) =>
      sql(
        `insert into role_assignment (tenant_id, user_id, role_id) select $1, $2, id from user_role where built_in = $3`,
        [acme, id, role],
      ),
    /** What a reset link by mail does in the end. */
    setPassword: (id: string) =>
      sql('update user_credential set password_hash = $1 where user_id = $2', [passwordHash, id]),
    signIn: browser,
    isIn: async (b: Browser) => (await b.call(`http://${ACME}`, 'account.me')).status === 200,
    events: () =>
      sql<{
        event: string
        actor_name: string
        tenant_id: string
        target_name: string
        after: Record<string, unknown>
      }>(
        `select event, actor_name, tenant_id, target_name, after from audit_event where event like 'scim.%' order by at, id`,
      ),
  }
}

/** Somebody made by a directory. @throws Error where that is refused */
export async function created(api: Directory, body: object) {
  const answer = await api('POST', '/Users', body)
  if (answer.status !== 201) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`)
  return answer.body
}
