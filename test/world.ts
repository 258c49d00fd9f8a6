import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import { MASTER_SLUG } from '@/lib/master'
import { buildContext, type RequestFacts, tokenHash } from '@/server/context/build'
import type { SignedInOp } from '@/server/context/op'
import { bootstrapRoles } from '@/server/db/bootstrap'
import { wallKey } from '@/server/db/context-token'
import { connectDatabase } from '@/server/db/runtime'
import { loginName } from '@/server/db/urls'
import { installWallKey } from '@/server/db/wall-key'
import { env } from '@/server/platform/env'
import { hashPassword } from '@/server/platform/password'
import { type ActorName, PASSWORD, PEOPLE, type PersonName, TENANTS, tenantOf, tokenOf } from '@/test/actors'
import { plantPeople, plantResources, plantRest, plantSessions, plantTenants } from '@/test/factories'
import { plantImpersonations } from '@/test/impersonations'
import { closeTenants } from '@/test/close-tenants'
import { createEmptyDatabase, type TestDatabase } from '@/test/database'
import { ensureTemplate, withClient, withDatabase } from '@/test/databases'
import { switchFiltersOff } from '@/test/no-filters'
import { plantSnapshot, stateOf, restore } from '@/test/snapshot'
import { plantHostMove } from '@/test/plant-host-move'
import { plantInvitations } from '@/test/plant-invitations'
import { plantIdentity } from '@/test/plant-identity'
import { plantScim } from '@/test/plant-scim'
import { plantMail } from '@/test/plant-mail'
import { LICENCE } from '@/test/publisher'
import { plantSignUp } from '@/test/plant-sign-up'

const WORLD_LOCK = 72707372
const SITE = 'localhost:3000'

/** A database full of named people and their things; see test/factories.ts. The process's own database while it lives. */
export interface World {
  database: TestDatabase
  /** A superuser's connection: sees and writes beside the wall. */
  admin: pg.Client
  /** Who calls, and on which host: what the server would read from the request. */
  factsOf: (actor: ActorName, more?: Partial<RequestFacts>) => RequestFacts & { requestId: string }
  /** The operation of a signed-in person, from their session in the database. */
  opOf: (name: PersonName) => Promise<SignedInOp>
  /** As opOf, by the words of the product: 'Mara, MSP admin'. */
  asUser: (words: string) => Promise<SignedInOp>
  /** One hash per table of all that is in it; `except` leaves tables out. */
  state: (except?: string[]) => Promise<Record<string, string>>
  /** Brings every row back to how the world began. */
  restore: () => Promise<void>
  close: () => Promise<void>
}

/** A fresh world, cloned from the run's template; about 0.2 s. */
export async function createWorld(): Promise<World> {
  process.env.LOG_LEVEL ??= 'silent'
  const { secret } = inject('testServer')
  const database = await createEmptyDatabase(await ensureWorld())
  await bootstrapRoles(database.adminUrl, secret)
  const urlOf = env().FREEHOLD_TEST_LAYER === 'no-policies' ? await bypassing(database) : undefined
  if (env().FREEHOLD_TEST_LAYER === 'no-filters') switchFiltersOff()
  const runtime = await connectDatabase({
    runtimeUrl: database.adminUrl,
    secret,
    env: env(),
    urlOf,
    allowBypass: urlOf !== undefined,
  })
  const admin = new pg.Client({ connectionString: database.adminUrl })
  admin.on('error', () => undefined)
  await admin.connect()
  const opOf = async (name: PersonName) => (await buildContext(factsOf(name))) as SignedInOp
  return {
    database,
    admin,
    factsOf,
    opOf,
    asUser: (words) => opOf(words.split(',')[0] as PersonName),
    state: (except) => stateOf(admin, except),
    restore: () => restore(admin),
    close: async () => {
      await admin.end()
      await runtime.close()
      await database.drop()
      if (urlOf) await dropBypassing(database)
    },
  }
}

function factsOf(actor: ActorName, more: Partial<RequestFacts> = {}): RequestFacts & { requestId: string } {
  const { slug } = TENANTS[tenantOf(actor)]
  const token = actor in PEOPLE ? tokenOf(actor as PersonName) : 'x'.repeat(43)
  return {
    host: slug === MASTER_SLUG ? SITE : `${slug}.${SITE}`,
    path: '/api/trpc/x',
    cookie: actor === 'nobody' ? null : `fh=${token}`,
    ip: '192.0.2.7',
    userAgent: 'world',
    requestId: randomBytes(8).toString('hex'),
    ...more,
  }
}

/** Makes the run's world once, whichever process comes first. @returns the template's name */
async function ensureWorld(): Promise<string> {
  const { adminUrl, run, secret } = inject('testServer')
  const name = `${run}_world`
  const template = await ensureTemplate(adminUrl, run, secret)
  await withClient(adminUrl, async (client) => {
    await client.query('select pg_advisory_lock($1)', [WORLD_LOCK])
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name])
    if (rowCount) return
    const draft = `${name}_draft`
    await client.query(`drop database if exists ${draft}`)
    await client.query(`create database ${draft} template ${template}`)
    await build(withDatabase(adminUrl, draft), secret)
    await client.query(`alter database ${draft} rename to ${name}`)
  })
  return name
}

async function build(url: string, secret: string): Promise<void> {
  await installWallKey(url, secret)
  const password = await hashPassword(PASSWORD)
  await withClient(url, async (db) => {
    const code = tokenHash('set-up code')
    await db.query('select wall.setup_code($1)', [code])
    const first = { username: 'first', email: 'first@msp.example', firstName: 'First', lastName: 'Admin' }
    await db.query('select wall.setup_finish($1, $2, $3, $4, 30, 1000)', [
      code,
      TENANTS.M.name,
      first,
      password,
    ])
    await db.query('update licence set id = $1', [LICENCE])
    await db.query('update installation set multi_tenant_enabled = true')
    await plantTenants(db)
    await plantPeople(db, password)
    await plantSessions(db)
    await plantResources(db)
    await plantRest(db)
    await plantHostMove(db)
    await plantInvitations(db)
    await plantIdentity(db)
    await plantScim(db)
    await plantMail(db, wallKey(secret))
    await plantSignUp(db)
    await plantImpersonations(db)
    await closeTenants(db)
    await plantSnapshot(db)
  })
}

const SERVING = ['tenant', 'master', 'union', 'system'] as const

/** Logins with BYPASSRLS and the grants of the role they stand for: what the application's layer holds alone (A11). */
async function bypassing(database: TestDatabase): Promise<(role: (typeof SERVING)[number]) => string> {
  const name = (role: string) => `${loginName(database.name, 'tenant').slice(0, 50)}_${role.slice(0, 6)}_bp`
  await withClient(database.adminUrl, async (db) => {
    for (const role of SERVING) {
      const login = pg.escapeIdentifier(name(role))
      await db.query(`create role ${login} login inherit bypassrls password 'bypass'`)
      await db.query(
        `grant freehold_${role} to ${login}; grant connect on database ${database.name} to ${login}`,
      )
    }
  })
  return (role) => {
    const url = new URL(database.adminUrl)
    url.username = name(role)
    url.password = 'bypass'
    return url.href
  }
}

async function dropBypassing(database: TestDatabase): Promise<void> {
  const { adminUrl } = inject('testServer')
  const name = (role: string) => `${loginName(database.name, 'tenant').slice(0, 50)}_${role.slice(0, 6)}_bp`
  await withClient(adminUrl, async (db) => {
    for (const role of SERVING) await db.query(`drop role if exists ${pg.escapeIdentifier(name(role))}`)
  })
}
