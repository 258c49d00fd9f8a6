import { deriveKey, sha256 } from '@/server/platform/crypto'

/** The database roles that the server signs in as. Each is a login of its own per database, member of `freehold_<role>`. */
export const DB_ROLES = ['tenant', 'master', 'union', 'system', 'worker'] as const
export type DbRole = (typeof DB_ROLES)[number]

const MAX_IDENTIFIER_BYTES = 63

/** Name of a login: `fh_<database>_<role>`, shortened with a hash where PostgreSQL would cut it off. */
export function loginName(database: string, role: DbRole): string {
  const name = `fh_${database}_${role}`
  if (Buffer.byteLength(name) <= MAX_IDENTIFIER_BYTES) return name
  const start = Buffer.from(database)
    .subarray(0, 32)
    .toString('utf8')
    .replace(/\uFFFD$/, '')
  return `fh_${start}_${sha256(database).slice(0, 12)}_${role}`
}

/** Password of a login, derived from the secret, the database and the role: nothing to store, nothing to configure. */
export function loginPassword(secret: string, database: string, role: DbRole): string {
  return deriveKey(secret, `postgres:login:${database}:${role}`).toString('hex')
}

/** Name of the database in an address. @throws when it names none */
export function databaseOf(url: string): string {
  const name = decodeURIComponent(new URL(url).pathname.slice(1))
  if (!name) throw new Error('The database address names no database')
  return name
}

/**
 * The address by which the server signs in as one role: host, port, database and options of `url`, user and password
 * of the role. Holds a password: never log it.
 */
export function roleUrl(url: string, role: DbRole, secret: string): string {
  const address = new URL(url)
  const database = databaseOf(url)
  address.username = encodeURIComponent(loginName(database, role))
  address.password = loginPassword(secret, database, role)
  return address.href
}
