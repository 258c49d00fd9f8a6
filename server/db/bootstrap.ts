import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { scramVerifier } from '@/server/db/scram'
import { DB_ROLES, databaseOf, loginName, loginPassword, type DbRole } from '@/server/db/urls'
import { deriveKey } from '@/server/platform/crypto'

/** Owns all schema objects; migrations run as it. */
export const OWNER_ROLE = 'freehold_owner'
/** Owns the SECURITY DEFINER functions, so that they have rights of their own and the owner has not. */
export const DEFINER_ROLE = 'freehold_definer'

/** Serialises bootstraps of one database; migrations have a lock of their own. */
const LOCK = 72707370
const ATTEMPTS = 20

const SETTINGS: Record<DbRole, Record<string, string>> = {
  tenant: limits('15s', '5s', '10s'),
  master: limits('15s', '5s', '10s'),
  union: limits('15s', '5s', '10s'),
  system: limits('30s', '5s', '10s'),
  worker: limits('10min', '30s', '60s'),
}

function limits(statement: string, lock: string, idle: string): Record<string, string> {
  return {
    statement_timeout: statement,
    lock_timeout: lock,
    idle_in_transaction_session_timeout: idle,
    search_path: 'public',
    // Prisma's adapter takes every timestamp for UTC, whatever offset the server writes.
    timezone: 'UTC',
    // Under the policies' subqueries estimates are far above what short statements cost: compiling them takes longer.
    jit: 'off',
  }
}

const groupOf = (role: DbRole) => `freehold_${role}`
const { escapeIdentifier, escapeLiteral } = pg
const GROUPS = DB_ROLES.map((role) => escapeIdentifier(groupOf(role))).join(', ')
const NO_RIGHTS = 'NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION'

/**
 * Makes the database roles, or completes them: the group roles, which all databases of a server share, and this
 * database's logins with their passwords, limits and right to connect. Idempotent; any number of processes may run it
 * at once. All or nothing.
 * @param adminUrl a superuser, or a role with CREATEROLE that owns the database
 * @throws one clear line when the administrator's rights do not suffice
 */
export const bootstrapRoles = (adminUrl: string, secret: string): Promise<void> =>
  takingTurns(adminUrl, (client) => bootstrap(client, databaseOf(adminUrl), secret))

/**
 * Changes what roles may do in the database as a whole, in a transaction: processes that start at once take turns, since two who change
 * the same right at one moment are refused by PostgreSQL ("tuple concurrently updated").
 */
export async function takingTurns(
  adminUrl: string,
  work: (client: pg.Client) => Promise<void>,
): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 10_000 })
  client.on('error', () => undefined)
  await client.connect()
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        return await inTransaction(client, () => work(client))
      } catch (error) {
        if (!isRace(error as pg.DatabaseError) || attempt === ATTEMPTS)
          throw explain(error as pg.DatabaseError)
        await sleep(20 + Math.random() * 30 * attempt)
      }
    }
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function inTransaction(client: pg.Client, work: () => Promise<void>): Promise<void> {
  await client.query('begin')
  try {
    await client.query('set local statement_timeout = 0')
    await client.query('set local lock_timeout = 0')
    await client.query(`select pg_advisory_xact_lock(${LOCK})`)
    await work()
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw error
  }
}

/** The lock holds within one database; another one's bootstrap may touch the same shared roles at the same moment. */
function isRace(error: pg.DatabaseError): boolean {
  return ['23505', '42710', '40P01'].includes(error.code ?? '') || /tuple concurrently/.test(error.message)
}

function explain(error: pg.DatabaseError): Error {
  if (error.code !== '42501') return error
  return new Error(
    `The administrator in DATABASE_URL must own the database and have CREATEROLE, or be a superuser: ${error.message}`,
  )
}

async function bootstrap(client: pg.Client, database: string, secret: string): Promise<void> {
  const version = await one<number>(client, `select current_setting('server_version_num')::int as value`)
  await requireOwnership(client)
  await makeGroups(client, version)
  const watch = await clientWatch(client)
  for (const role of DB_ROLES)
    await makeLogin(client, database, role, secret, { ...SETTINGS[role], ...watch })
  await protectDatabase(client, database)
  await protectSchema(client)
}

async function one<T>(client: pg.Client, sql: string, values: unknown[] = []): Promise<T> {
  return (await client.query<{ value: T }>(sql, values)).rows[0]?.value as T
}

/** Without ownership PostgreSQL only warns about the REVOKE that keeps strangers out. */
async function requireOwnership(client: pg.Client): Promise<void> {
  const owns = await one<boolean>(
    client,
    `select pg_has_role(datdba, 'USAGE') as value from pg_database where datname = current_database()`,
  )
  if (!owns) throw Object.assign(new Error('it does not own the database'), { code: '42501' })
}

async function makeGroups(client: pg.Client, version: number): Promise<void> {
  for (const name of [OWNER_ROLE, DEFINER_ROLE, ...DB_ROLES.map(groupOf)]) await makeRole(client, name, false)
  const canSet = version >= 160000 ? 'SET' : 'MEMBER'
  const isOwner = await one<boolean>(client, `select pg_has_role($1, $2) as value`, [OWNER_ROLE, canSet])
  if (!isOwner) await client.query(`grant ${OWNER_ROLE} to current_user`)
  const isMember = await one<boolean>(client, `select pg_has_role($1, $2, $3) as value`, [
    OWNER_ROLE,
    DEFINER_ROLE,
    canSet,
  ])
  if (isMember) return
  // The owner may hand functions to the definer without itself gaining the definer's rights and policies. PostgreSQL 15
  // has no such grant; there it is the owner's NOINHERIT alone.
  if (version < 160000) await client.query(`grant ${DEFINER_ROLE} to ${OWNER_ROLE}`)
  else await client.query(`grant ${DEFINER_ROLE} to ${OWNER_ROLE} with inherit false, set true`)
}

/** Groups inherit nothing. @throws when a role of that name exists that is not as we would make it */
async function makeRole(client: pg.Client, name: string, login: boolean): Promise<void> {
  const found = await client.query<{ strong: boolean; login: boolean; inherit: boolean }>(
    `select rolsuper or rolbypassrls or rolcreatedb or rolcreaterole or rolreplication as strong,
            rolcanlogin as login, rolinherit as inherit
       from pg_roles where rolname = $1`,
    [name],
  )
  const existing = found.rows[0]
  if (existing?.strong) {
    throw new Error(`The database role ${name} exists with rights that Freehold must not give it: drop it`)
  }
  if (existing && existing.login !== login) {
    throw new Error(`The database role ${name} exists and is not Freehold's: rename it`)
  }
  if (existing?.inherit && !login) await client.query(`alter role ${escapeIdentifier(name)} noinherit`)
  if (existing) return
  if (login) await client.query(`create role ${escapeIdentifier(name)} ${NO_RIGHTS} LOGIN INHERIT`)
  else await client.query(`create role ${escapeIdentifier(name)} ${NO_RIGHTS} NOLOGIN NOINHERIT`)
}

/** Lets a backend notice within 2 s that its client died, and so free its locks (fault R02); not every system can. */
async function clientWatch(client: pg.Client): Promise<Record<string, string>> {
  await client.query('savepoint watch')
  try {
    await client.query(`set local client_connection_check_interval = '2s'`)
    return { client_connection_check_interval: '2s' }
  } catch {
    return {}
  } finally {
    await client.query('rollback to watch')
  }
}

async function makeLogin(
  client: pg.Client,
  database: string,
  role: DbRole,
  secret: string,
  settings: Record<string, string>,
): Promise<void> {
  const name = loginName(database, role)
  const salt = deriveKey(secret, `postgres:salt:${database}:${role}`, 16)
  const verifier = scramVerifier(loginPassword(secret, database, role), salt)
  await makeRole(client, name, true)
  const inherits = await one<boolean>(client, `select pg_has_role($1, $2, 'USAGE') as value`, [
    name,
    groupOf(role),
  ])
  const login = escapeIdentifier(name)
  const statements = [`alter role ${login} password ${escapeLiteral(verifier)}`]
  if (!inherits) statements.push(`grant ${escapeIdentifier(groupOf(role))} to ${login}`)
  for (const [setting, value] of Object.entries(settings)) {
    const where = `${login} in database ${escapeIdentifier(database)}`
    statements.push(`alter role ${where} set ${escapeIdentifier(setting)} = ${escapeLiteral(value)}`)
  }
  await client.query(statements.join(';'))
}

async function protectDatabase(client: pg.Client, database: string): Promise<void> {
  await client.query(`revoke all on database ${escapeIdentifier(database)} from public`)
  await client.query(`grant create on database ${escapeIdentifier(database)} to ${OWNER_ROLE}`)
  for (const name of DB_ROLES.map((role) => loginName(database, role))) {
    await client.query(`grant connect on database ${escapeIdentifier(database)} to ${escapeIdentifier(name)}`)
  }
}

async function protectSchema(client: pg.Client): Promise<void> {
  const owner = await one<string>(
    client,
    `select nspowner::regrole::text as value from pg_namespace where nspname = 'public'`,
  )
  if (owner === undefined) await client.query(`create schema public authorization ${OWNER_ROLE}`)
  else if (owner !== OWNER_ROLE) await client.query(`alter schema public owner to ${OWNER_ROLE}`)
  await client.query(`set local role ${OWNER_ROLE}`)
  await client.query('revoke all on schema public from public')
  await client.query(`grant usage on schema public to ${GROUPS}`)
  // A function's new owner must be allowed to create in its schema: without this nothing can be given to the definer.
  await client.query(`grant usage, create on schema public to ${DEFINER_ROLE}`)
  await client.query('reset role')
}

/** Removes one database's logins, after the database itself was dropped. For tests and uninstalling. */
export async function dropLogins(adminUrl: string, database: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 10_000 })
  client.on('error', () => undefined)
  await client.connect()
  try {
    for (const role of DB_ROLES) {
      await client.query(`drop role if exists ${escapeIdentifier(loginName(database, role))}`)
    }
  } finally {
    await client.end().catch(() => undefined)
  }
}
