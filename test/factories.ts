import { createHash } from 'node:crypto'
import type pg from 'pg'
import { MASTER_TENANT_ID } from '@/lib/master'
import { PERSON_NAMES, personOf, type PersonName, TENANTS, type TenantKey, tokenOf } from '@/test/actors'
import { type Audience, canary, idOf } from '@/test/canary'

// Rows are planted by a superuser, beside the wall: what the world holds must not depend on the code under test.

export const tenantId = (key: TenantKey): string => (key === 'M' ? MASTER_TENANT_ID : idOf(`tenant ${key}`))
export const userId = (name: PersonName): string => idOf(`user ${name}`)
export const CUSTOMER_ROLE = '00000000-0000-4000-8000-000000000101'
export const ORGANIZATION_ROLE = '00000000-0000-4000-8000-000000000102'
/** A tenant role that no tenant has. */
export const SPARE_CAP = idOf('spare cap')
/** Id of the one bulk change of the access matrix in the world: it left things as they are. */
export const MATRIX_CHANGE = idOf('matrix change')
/** Id of the built-in user role Viewer: a template of the master's, visible to every subtenant. */
export const VIEWER_ROLE = '00000000-0000-4000-8000-000000000206'
const HOUR = 3600

const hash = (text: string) => createHash('sha256').update(text).digest()

export async function insert(db: pg.Client, table: string, rows: Record<string, unknown>[]): Promise<void> {
  for (const row of rows) {
    const columns = Object.keys(row).map((name) => `"${name}"`)
    const holes = columns.map((_, i) => `$${i + 1}`)
    const values = Object.values(row).map((v) => (isJson(v) ? JSON.stringify(v) : v))
    await db.query(`insert into ${table} (${columns.join(', ')}) values (${holes.join(', ')})`, values)
  }
}

const isJson = (value: unknown) =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

/** The subtenants; those that end disabled or deleted are closed last, by `closeTenants`. */
export async function plantTenants(db: pg.Client): Promise<void> {
  const keys = (Object.keys(TENANTS) as TenantKey[]).filter((key) => key !== 'M')
  const rows = keys.map((key) => ({
    id: tenantId(key),
    slug: TENANTS[key].slug,
    name: TENANTS[key].name,
    description: canary(key, 'description'),
    account_number: canary(key, 'account number'),
    account_name: canary(key, 'account name'),
    customer_number: canary(key, 'customer number'),
    tenant_role_id: key === 'B' ? ORGANIZATION_ROLE : CUSTOMER_ROLE,
    setup: key === 'N' ? {} : { note: canary(key, 'setup') },
  }))
  await insert(db, 'tenant', rows)
  await db.query(
    'update tenant set description = $1, account_number = $2, customer_number = $3 where id = $4',
    [
      canary('M', 'description'),
      canary('M', 'account number'),
      canary('M', 'customer number'),
      MASTER_TENANT_ID,
    ],
  )
}

/** What is shown of people: the provider's are parent-level users, whom every tenant has in its list of users. */
const own = (name: PersonName, label: string) =>
  personOf(name).tenant === 'M' ? `${name} ${label}` : canary(personOf(name).tenant, `${name} ${label}`)
const VERIFIED = new Date('2026-01-02T03:04:05Z')
export async function plantPeople(db: pg.Client, passwordHash: string): Promise<void> {
  for (const name of PERSON_NAMES) {
    const { tenant, username, role } = personOf(name)
    const [user, home] = [userId(name), tenantId(tenant)]
    const parent = tenant === 'M'
    const person = { first_name: own(name, 'first'), last_name: own(name, 'last'), parent_level: parent }
    const email = parent
      ? `${username}@msp.example`
      : `${canary(tenant, `${name} email`)}@${TENANTS[tenant].slug}.example`
    const who = { username, email, email_verified_at: VERIFIED }
    await insert(db, 'user_account', [{ id: user, home_tenant_id: home, ...who, ...person }])
    await insert(db, 'user_credential', [{ user_id: user, tenant_id: home, password_hash: passwordHash }])
    await insert(db, 'membership', [{ id: idOf(`membership ${name}`), tenant_id: home, user_id: user }])
    if (role === null) continue
    await db.query(
      `insert into role_assignment (id, tenant_id, user_id, role_id) select $1, $2, $3, id from user_role where built_in = $4`,
      [idOf(`assignment ${name}`), home, user, role],
    )
  }
}
export async function plantSessions(db: pg.Client): Promise<void> {
  for (const name of PERSON_NAMES) {
    const { tenant, expired } = personOf(name)
    const key = tenant === 'M' ? 'M' : tenant
    const create = 'select wall.session_create($1, $2, $3, $4, $5, $6) as id'
    const args = (token: string) => [
      tenantId(tenant),
      userId(name),
      hash(token),
      '192.0.2.7',
      canary(key, `${name} agent`),
      'world',
    ]
    const { rows } = await db.query<{ id: string }>(create, args(tokenOf(name)))
    await db.query(create, args(`${tokenOf(name)} elsewhere`))
    await db.query(`update session set id = $1 where token_hash = $2`, [
      idOf(`session ${name}`),
      hash(tokenOf(name)),
    ])
    await db.query(`update session set id = $1 where token_hash = $2`, [
      idOf(`session ${name} 2`),
      hash(`${tokenOf(name)} elsewhere`),
    ])
    if (rows[0] && expired)
      await db.query(`update session set idle_expires_at = now() - interval '1 minute' where user_id = $1`, [
        userId(name),
      ])
  }
  // Mara is at work in Acme too: her own list of sessions in the master tenant does not show it
  await insert(db, 'session', [
    {
      tenant_id: tenantId('A'),
      user_id: userId('Mara'),
      token_hash: hash('Mara in Acme'),
      idle_expires_at: new Date(Date.now() + HOUR * 1000),
      absolute_expires_at: new Date(Date.now() + HOUR * 1000),
      ip: canary('A', 'ip of Mara'),
    },
  ])
  for (const key of ['A', 'B', 'M'] as const) {
    const who = key === 'A' ? 'Tom' : key === 'B' ? 'Bo' : 'Sam'
    await insert(
      db,
      'sign_in_code',
      [1, 2].map((n) => ({
        code_hash: hash(`code ${key} ${n}`),
        tenant_id: tenantId(key),
        user_id: userId(who),
        nonce_hash: hash(`nonce ${key} ${n}`),
        expires_at: new Date(Date.now() + HOUR * 1000),
      })),
    )
  }
}
interface Planted {
  label: string
  audience: Audience
  owner: TenantKey
  assigned?: TenantKey
  kind?: string
  visibility?: string
  cloud?: string
  /** A name without a canary: the same in two tenants. */
  name?: string
  machine?: string
}
/** The id of a resource of the world by its label. */
export const resourceId = (label: string): string => idOf(`resource ${label}`)
const RESOURCES: Planted[] = [
  {
    label: 'public cloud',
    audience: 'P',
    owner: 'M',
    kind: 'cloud',
    visibility: 'public',
    cloud: 'public cloud',
  },
  {
    label: 'second public cloud',
    audience: 'P',
    owner: 'M',
    kind: 'cloud',
    visibility: 'public',
    cloud: 'second public cloud',
  },
  { label: 'public', audience: 'P', owner: 'M', visibility: 'public' },
  { label: 'public in cloud', audience: 'K', owner: 'M', visibility: 'public', cloud: 'public cloud' },
  { label: 'public type', audience: 'P', owner: 'M', kind: 'instance_type', visibility: 'public' },
  { label: 'M profile', audience: 'M', owner: 'M', kind: 'profile' },
  { label: 'M boot', audience: 'M', owner: 'M', kind: 'boot_environment' },
  { label: 'master private', audience: 'M', owner: 'M' },
  { label: 'master private 2', audience: 'M', owner: 'M' },
  { label: 'assigned A', audience: 'X', owner: 'M', assigned: 'A' },
  { label: 'assigned A 2', audience: 'X', owner: 'M', assigned: 'A' },
  { label: 'assigned B', audience: 'Y', owner: 'M', assigned: 'B' },
  { label: 'granted A', audience: 'G', owner: 'M' },
  { label: 'expired grant A', audience: 'M', owner: 'M' },
  // Its name is Bolt's to see, as it is asked whether it takes it; nothing else of it is.
  { label: 'pending grant B', audience: 'M', owner: 'M', name: 'offered-01' },
  ...(['A', 'B', 'C', 'E'] as const).flatMap((key): Planted[] => [
    { label: `${key} web`, audience: key, owner: key, name: 'web-01', machine: 'same-machine-1' },
    { label: `${key} db`, audience: key, owner: key, name: 'db-01', machine: 'same-machine-2' },
    { label: `${key} secret`, audience: key, owner: key },
    { label: `${key} profile`, audience: key, owner: key, kind: 'profile' },
    { label: `${key} boot`, audience: key, owner: key, kind: 'boot_environment' },
  ]),
]
export async function plantResources(db: pg.Client): Promise<void> {
  for (const r of RESOURCES) {
    const id = resourceId(r.label)
    await insert(db, 'resource', [
      {
        id,
        kind: r.kind ?? 'host',
        name: r.name ?? canary(r.audience, `resource ${r.label}`),
        owner_id: tenantId(r.owner),
        assigned_id: tenantId(r.assigned ?? r.owner),
        visibility: r.visibility ?? 'private',
        cloud_id: r.cloud === undefined ? null : resourceId(r.cloud),
        spec: { note: canary(r.audience, `spec ${r.label}`) },
      },
    ])
    if (r.kind !== undefined) continue
    await insert(db, 'resource_state', [
      { resource_id: id, status: 'online', last_seen_at: new Date(), facts: factsOf(r) },
    ])
    await insert(db, 'agent_credential', [
      {
        id: idOf(`agent ${r.label}`),
        resource_id: id,
        token_hash: hash(agentToken(r.label)),
        machine_id: r.machine ?? canary(r.audience, `machine ${r.label}`),
      },
    ])
  }
  await plantGrants(db)
  await insert(
    db,
    'resource_link',
    (['A', 'B', 'C', 'E'] as const).map((key) => ({
      resource_id: resourceId(`${key} web`),
      field: 'profiles',
      target_id: resourceId(`${key} profile`),
    })),
  )
}

/** The credential of the agent on a host of the world. */
export const agentToken = (label: string): string =>
  `fha_${createHash('sha256').update(`agent ${label}`).digest('base64url')}`
const factsOf = (r: Planted) => ({
  hostname: canary(r.audience, `hostname ${r.label}`),
  os: { name: canary(r.audience, `os ${r.label}`), version: '12', arch: 'x86_64' },
  kernel: canary(r.audience, `kernel ${r.label}`),
})
async function plantGrants(db: pg.Client): Promise<void> {
  const grant = (label: string, to: TenantKey, more: Record<string, unknown>) => ({
    id: idOf(`grant ${label}`),
    resource_id: resourceId(label),
    kind: 'host',
    name: canary(label === 'granted A' ? 'G' : 'M', `resource ${label}`),
    owner_id: MASTER_TENANT_ID,
    tenant_id: tenantId(to),
    role: 'viewer',
    ...more,
  })
  await insert(db, 'access_grant', [
    grant('granted A', 'A', { status: 'live' }),
    grant('expired grant A', 'A', { status: 'live', expires_at: new Date(Date.now() - 1000) }),
    grant('pending grant B', 'B', {}),
  ])
  // Between siblings, asked and not answered: shows names only, which are the same in both tenants
  const offers = (['A', 'B'] as const).flatMap((key) =>
    ['web', 'db'].map((which) => ({
      id: idOf(`grant ${key} ${which}`),
      resource_id: resourceId(`${key} ${which}`),
      kind: 'host',
      name: '',
      owner_id: tenantId(key),
      tenant_id: tenantId(key === 'A' ? 'B' : 'A'),
      role: 'viewer',
    })),
  )
  await insert(db, 'access_grant', offers)
  // Not by the insert: whether a new one waits says the installation (wall.grant_guard)
  await db.query(`update access_grant set status = 'pending' where id = any ($1)`, [
    [idOf('grant pending grant B'), ...offers.map(({ id }) => id)],
  ])
  // A kind of which there is nothing: the arm is there, and shows nobody anything.
  const all = (key: TenantKey) => ({
    owner_id: MASTER_TENANT_ID,
    tenant_id: tenantId(key),
    kind: 'network',
    role: 'viewer',
  })
  await insert(db, 'access_grant_all', [all('A'), all('B')])
}

/** Roles, groups, clouds, enrolment tokens, audit rows: two of each for every tenant that has data. */
export async function plantRest(db: pg.Client): Promise<void> {
  await insert(db, 'tenant_role_cloud', [
    { tenant_role_id: CUSTOMER_ROLE, cloud_id: resourceId('public cloud'), level: 'full' },
    { tenant_role_id: ORGANIZATION_ROLE, cloud_id: resourceId('public cloud'), level: 'read' },
  ])
  await insert(db, 'tenant_role', [{ id: SPARE_CAP, name: 'Spare', levels: { hosts: 'read' } }])
  await insert(db, 'user_role', [
    {
      id: idOf('role template'),
      tenant_id: MASTER_TENANT_ID,
      name: canary('P', 'role template'),
      levels: { hosts: 'read' },
      multi_tenant: true,
    },
  ])
  for (const key of ['M', 'A', 'B', 'C', 'E'] as const) {
    for (const n of [1, 2]) await plantNumbered(db, key, n)
    if (key !== 'M') await plantCopy(db, key)
  }
  await insert(db, 'tenant_cloud', [
    { tenant_id: tenantId('A'), cloud_id: resourceId('public cloud'), group_id: idOf('group A 1') },
    { tenant_id: tenantId('A'), cloud_id: resourceId('second public cloud'), group_id: idOf('group A 2') },
    // Bolt has added one that it is not granted: nothing comes of it
    { tenant_id: tenantId('B'), cloud_id: resourceId('second public cloud'), group_id: idOf('group B 1') },
  ])
  await plantMatrixChange(db)
}
async function plantMatrixChange(db: pg.Client): Promise<void> {
  const state = { assignedId: MASTER_TENANT_ID, visibility: 'private', grants: [] }
  const row = {
    id: resourceId('master private'),
    kind: 'host',
    name: canary('M', 'matrix row'),
    tenants: [tenantId('A')],
    before: state,
    after: state,
  }
  await insert(db, 'matrix_change', [
    {
      id: MATRIX_CHANGE,
      tenant_id: MASTER_TENANT_ID,
      created_by_name: canary('M', 'matrix person'),
      changed: 1,
      lines: JSON.stringify([canary('M', 'matrix line')]),
      states: JSON.stringify([row]),
    },
  ])
}

/** The template, edited in a subtenant. */
const plantCopy = (db: pg.Client, key: TenantKey) =>
  insert(db, 'user_role', [
    {
      id: idOf(`role copy ${key}`),
      tenant_id: tenantId(key),
      name: canary(key, 'role copy'),
      levels: { hosts: 'full' },
      template_id: idOf('role template'),
    },
  ])
/** Who asked for a tenant's tasks. */
const PERSON_OF = { M: 'Mara', A: 'Ada', B: 'Bo', C: 'Cai', E: 'Eli', N: 'Mara' } as const
async function plantNumbered(db: pg.Client, key: TenantKey, n: number): Promise<void> {
  const tenant_id = tenantId(key)
  const text = (label: string) => canary(key, `${label} ${n}`)
  await insert(db, 'user_role', [
    { id: idOf(`role ${key} ${n}`), tenant_id, name: text('role'), description: text('role description') },
  ])
  await insert(db, 'resource_group', [{ id: idOf(`group ${key} ${n}`), tenant_id, name: text('group') }])
  const member =
    key === 'M' ? (n === 1 ? 'master private' : 'master private 2') : n === 1 ? `${key} web` : `${key} db`
  await insert(db, 'resource_group_member', [
    { tenant_id, group_id: idOf(`group ${key} ${n}`), resource_id: resourceId(member) },
  ])
  await insert(db, 'resource_tag', [
    { tenant_id, resource_id: resourceId(member), tag: text('tag').toLowerCase() },
  ])
  await insert(db, 'background_task', [
    {
      id: idOf(`task ${key} ${n}`),
      tenant_id,
      kind: 'cloud.assign',
      title: text('task'),
      status: n === 1 ? 'done' : 'failed',
      input: { note: text('task input') },
      result: { lines: [text('task result')] },
      error: n === 1 ? '' : text('task error'),
      created_by: userId(PERSON_OF[key]),
    },
  ])
  await insert(db, 'enrolment_token', [
    {
      id: idOf(`token ${key} ${n}`),
      tenant_id,
      name: text('token'),
      token_hash: hash(enrolmentToken(key, n)),
      max_uses: 5,
      expires_at: new Date(Date.now() + 24 * HOUR * 1000),
    },
  ])
  const audience = key === 'M' ? 'M' : key
  await db.query('select wall.audit_system($1, null, $2, $3)', [
    tenant_id,
    canary(audience, `actor ${n}`),
    {
      event: 'host.rename',
      targetKind: 'host',
      targetId: idOf(`audited ${key} ${n}`),
      targetName: text('audited'),
      reason: text('reason'),
    },
  ])
}

/** A live enrolment token of a tenant, as a machine would send it. */
export const enrolmentToken = (key: TenantKey, n: number): string =>
  `fhe_${createHash('sha256').update(`enrolment ${key} ${n}`).digest('base64url')}`
