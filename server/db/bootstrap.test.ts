import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { DEFINER_ROLE, OWNER_ROLE, bootstrapRoles, takingTurns } from '@/server/db/bootstrap'
import { databaseOf, DB_ROLES, loginName, roleUrl } from '@/server/db/urls'
import { withClient, withDatabase } from '@/test/databases'
import {
  localPostgres,
  startLocalPostgres,
  startSpareServer,
  type LocalPostgres,
} from '@/test/local-postgres'

const SECRET = 'a secret of the bootstrap tests only'
const old = localPostgres(15)
if (!old) console.warn('PostgreSQL 15 is not installed here: its half of the bootstrap tests is skipped')

const rows = async <T extends pg.QueryResultRow>(url: string, sql: string, values: unknown[] = []) =>
  (await withClient(url, (client) => client.query<T>(sql, values))).rows

describe.each([
  { server: 'the server of the run', bin: undefined },
  ...(old ? [{ server: 'PostgreSQL 15', bin: old }] : []),
])('bootstrapRoles on $server', ({ bin }) => {
  let local: LocalPostgres | undefined
  let server: string
  let counter = 0
  const made: string[] = []

  const createDatabase = async (owner?: string) => {
    const name = `${inject('testServer').run}_boot${bin ? 15 : ''}_${++counter}`
    await rows(server, `create database ${name} ${owner ? `owner ${owner}` : ''}`)
    made.push(name)
    return withDatabase(server, name)
  }

  beforeAll(async () => {
    local = bin ? await startLocalPostgres(bin) : undefined
    server = local?.adminUrl ?? inject('testServer').adminUrl
  }, 30_000)
  afterAll(async () => {
    if (local) return local.stop()
    for (const name of made) await rows(server, `drop database if exists ${name} with (force)`)
    for (const name of made)
      for (const role of DB_ROLES) await rows(server, `drop role if exists ${loginName(name, role)}`)
  })

  it('makes logins that can connect, are limited, and can do nothing more', async () => {
    const url = await createDatabase()
    await rows(server, `alter database ${made.at(-1)} set timezone = 'Asia/Tokyo'`)
    await bootstrapRoles(url, SECRET)
    await bootstrapRoles(url, SECRET)
    for (const role of DB_ROLES) {
      const [row] = await rows(
        roleUrl(url, role, SECRET),
        `select current_setting('search_path') as path, current_setting('timezone') as zone, current_setting('statement_timeout') as statement,
                current_setting('idle_in_transaction_session_timeout') as idle,
                rolsuper or rolbypassrls or rolcreatedb or rolcreaterole or rolreplication as strong,
                pg_has_role($1, 'USAGE') as member, pg_has_role('${OWNER_ROLE}', 'MEMBER') as owner,
                has_database_privilege(current_database(), 'TEMP') as temp,
                has_schema_privilege('public', 'CREATE') as may_create
           from pg_roles where rolname = current_user`,
        [`freehold_${role}`],
      )
      const limits = role === 'worker' ? ['10min', '1min'] : [role === 'system' ? '30s' : '15s', '10s']
      expect([row?.statement, row?.idle]).toEqual(limits)
      expect(row).toMatchObject({
        path: 'public',
        zone: 'UTC',
        strong: false,
        member: true,
        owner: false,
        temp: false,
        may_create: false,
      })
    }
  })

  it('keeps strangers out of the database', async () => {
    const [a, b] = [await createDatabase(), await createDatabase()]
    await Promise.all([bootstrapRoles(a, SECRET), bootstrapRoles(b, SECRET)])
    const foreign = new URL(roleUrl(a, 'tenant', SECRET))
    foreign.pathname = new URL(b).pathname
    await expect(rows(foreign.href, 'select 1')).rejects.toMatchObject({ code: '42501' })
    if (local) return // it trusts everybody who connects
    await expect(rows(roleUrl(a, 'tenant', 'another secret'), 'select 1')).rejects.toMatchObject({
      code: '28P01',
    })
  })

  it('lets five processes run it at once, on one database and on two', async () => {
    const [a, b] = [await createDatabase(), await createDatabase()]
    await Promise.all([a, a, a, b, b, a, b].map((url) => bootstrapRoles(url, SECRET)))
    expect(await rows(roleUrl(b, 'union', SECRET), 'select 1 as one')).toEqual([{ one: 1 }])
  })

  it('lets processes that start at once change a right of the database in turns', async () => {
    const adminUrl = await createDatabase()
    await bootstrapRoles(adminUrl, SECRET)
    const name = databaseOf(adminUrl)
    const change = (word: 'grant' | 'revoke') =>
      takingTurns(adminUrl, async (client) => {
        await client.query(
          `${word} create on database ${name} ${word === 'grant' ? 'to' : 'from'} ${loginName(name, 'worker')}`,
        )
      })
    await Promise.all(Array.from({ length: 24 }, (_, i) => change(i % 2 === 0 ? 'grant' : 'revoke')))
    await change('revoke')
  })

  it('lets the owner hand a function to the definer without gaining its rights', async () => {
    const url = await createDatabase()
    await bootstrapRoles(url, SECRET)
    await withClient(url, async (client) => {
      await client.query(`set role ${OWNER_ROLE}`)
      await client.query('create table t (n int)')
      await client.query('create function f() returns int language sql as $$ select 1 $$')
      await client.query(`alter function f() owner to ${DEFINER_ROLE}`)
      const { rows: found } = await client.query(
        `select pg_get_userbyid(proowner) as owner, pg_has_role('${OWNER_ROLE}', '${DEFINER_ROLE}', 'USAGE') as inherits
           from pg_proc where proname = 'f'`,
      )
      expect(found).toEqual([{ owner: DEFINER_ROLE, inherits: false }])
    })
  })

  it('refuses a role of its name that could bypass the wall', async () => {
    const url = await createDatabase()
    const name = loginName(decodeURIComponent(new URL(url).pathname.slice(1)), 'tenant')
    await rows(server, `create role ${name} login bypassrls`)
    await expect(bootstrapRoles(url, SECRET)).rejects.toThrow(/exists with rights/)
  })
})

describe.each(['embedded', ...(old ? ['PostgreSQL 15'] : [])])(
  'an administrator who is no superuser, %s',
  (kind) => {
    let server: { adminUrl: string; stop(): void | Promise<void> }

    beforeAll(async () => {
      server = kind === 'embedded' ? await startSpareServer() : await startLocalPostgres(old ?? '')
      await rows(server.adminUrl, `create role boss login createrole password 'boss'`)
    }, 30_000)
    afterAll(() => server.stop())

    const asBoss = async (name: string, owner: string) => {
      await rows(server.adminUrl, `create database ${name} owner ${owner}`)
      const address = new URL(withDatabase(server.adminUrl, name))
      address.username = address.password = 'boss'
      return address.href
    }

    it('can bootstrap a database of its own, again and again, and migrate as its owner', async () => {
      const [a, b] = [await asBoss('a', 'boss'), await asBoss('b', 'boss')]
      await Promise.all([a, b, a].map((url) => bootstrapRoles(url, SECRET)))
      await bootstrapRoles(a, SECRET)
      await withClient(b, async (client) => {
        await client.query(`set role ${OWNER_ROLE}`)
        await client.query('create function f() returns int language sql as $$ select 1 $$')
        await client.query(`alter function f() owner to ${DEFINER_ROLE}`)
      })
      expect(await rows(roleUrl(b, 'worker', SECRET), 'select public.f()')).toEqual([{ f: 1 }])
    })

    it('is told in one line that it must own the database', async () => {
      const foreign = await asBoss('foreign_db', 'postgres')
      await expect(bootstrapRoles(foreign, SECRET)).rejects.toThrow(
        /^The administrator [^\n]*must own the database[^\n]*$/,
      )
    })
  },
)
