import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assertCannotBypass } from '@/server/db/assert-roles'
import { createTestDatabase, type TestDatabase } from '@/test/database'
import { type Catalogue, readCatalogue } from '@/test/catalogue'
import { withClient } from '@/test/databases'
import { RULES, wallFindings } from '@/test/wall-rules'

describe('the contract of the wall', () => {
  let database: TestDatabase
  let catalogue: Catalogue
  beforeAll(async () => {
    database = await createTestDatabase()
    catalogue = await withClient(database.adminUrl, readCatalogue)
  })
  afterAll(() => database.drop())

  it('judges something: tables, policies, functions', () => {
    expect(catalogue.relations.length).toBeGreaterThan(25)
    expect(catalogue.policies.length).toBeGreaterThan(100)
    expect(catalogue.routines.filter(({ definer }) => definer).length).toBeGreaterThan(30)
  })

  it.each(Object.entries(RULES))('is kept by the migrated database: %s', (_name, rule) => {
    expect(rule(catalogue)).toEqual([])
  })

  /** Does something wrong inside a transaction that is rolled back, and answers what the contract says of it. */
  const after = (...statements: string[]) =>
    withClient(database.adminUrl, async (db) => {
      await db.query('begin')
      for (const statement of statements) await db.query(statement)
      const found = wallFindings(await readCatalogue(db))
      await db.query('rollback')
      return found
    })
  const REGISTERED =
    'create table public.tag (id uuid primary key, tenant_id uuid not null); alter table public.tag owner to freehold_owner'

  describe.each<[string, string, RegExp]>([
    ['K02 a table that nobody registered', REGISTERED, /tag: is of no registered shape/],
    ['K02 a table without row-level security', REGISTERED, /tag: row-level security is off/],
    [
      'K02 a table that does not hold its owner',
      'alter table resource no force row level security',
      /resource: row-level security is not forced/,
    ],
    [
      'K02 a tenant column that may be null',
      'alter table session alter column tenant_id drop not null',
      /session: tenant_id is not a uuid NOT NULL/,
    ],
    [
      'K02 no index by tenant',
      'drop index session_tenant_id_user_id_created_at_idx',
      /session: no index leads with tenant_id/,
    ],
    [
      'K02 a grant without a policy',
      'grant delete on tenant to freehold_tenant',
      /tenant: freehold_tenant may DELETE without a policy/,
    ],
    [
      'K02 a policy that asks nobody',
      'create policy p on session for delete to freehold_tenant using (user_id is not null)',
      /policy p does not ask the signed context/,
    ],
    [
      'K02 a policy that is true',
      'create policy p on session for select to freehold_tenant using (true)',
      /policy p is true/,
    ],
    ['K03 a view', 'create view public.v as select * from resource', /v: view without security_invoker/],
    [
      'K03 a materialized view',
      'create materialized view public.mv as select * from resource',
      /mv: materialized view/,
    ],
    [
      'K04 a new SECURITY DEFINER function',
      `create function wall.peek() returns int language sql security definer as 'select 1'`,
      /wall.peek: SECURITY DEFINER and not reviewed/,
    ],
    [
      'K04 a search_path that is not fixed',
      'alter function wall.ctx_tenant() reset search_path',
      /wall.ctx_tenant: its search_path is not fixed/,
    ],
    [
      'K04 a function for everybody',
      'grant execute on function wall.setup_code(bytea) to public',
      /wall.setup_code: PUBLIC may call it/,
    ],
    [
      'K04 a function for one more role',
      'grant execute on function wall.agent_goodbye(bytea, text) to freehold_tenant',
      /wall.agent_goodbye: .*freehold_tenant.* may call it/,
    ],
    [
      'K05 a partition',
      'create table public.part (id int) partition by list (id)',
      /part: partitions are not registered/,
    ],
    ['K06 TRUNCATE', 'grant truncate on session to freehold_tenant', /session: freehold_tenant has TRUNCATE/],
    [
      'K06 REFERENCES',
      'grant references on tenant to freehold_tenant',
      /tenant: freehold_tenant has REFERENCES/,
    ],
    ['K06 TRIGGER', 'grant trigger on tenant to freehold_master', /tenant: freehold_master has TRIGGER/],
    [
      'K06 CREATE',
      'grant create on schema public to freehold_tenant',
      /schema public: freehold_tenant may CREATE/,
    ],
    [
      'K06 a secret column',
      'grant select on user_credential to freehold_tenant',
      /user_credential: freehold_tenant may SELECT password_hash/,
    ],
    [
      'K06 whose a row is',
      'grant update (owner_id) on resource to freehold_tenant',
      /resource: freehold_tenant may UPDATE owner_id/,
    ],
    [
      'K09 a name unique over all tenants',
      'create unique index tag_name on resource_group (name)',
      /tag_name is unique over all tenants/,
    ],
    [
      'K10 a link without the tenant',
      'alter table enrolment_token add constraint who foreign key (created_by) references user_account (id)',
      /who does not carry the tenant/,
    ],
    [
      'K12 a policy FOR ALL',
      `create policy p on resource to freehold_tenant using (visibility = 'public' or owner_id = wall.ctx_tenant())`,
      /policy p is FOR ALL/,
    ],
    [
      'K12 a write by sight',
      `create policy p on resource for update to freehold_tenant using (visibility = 'public' or owner_id = wall.ctx_tenant()) with check (owner_id = wall.ctx_tenant())`,
      /policy p lets sight widen a write/,
    ],
    [
      'K12 no restrictive guard',
      'drop policy resource_guard_delete on resource',
      /resource: no restrictive guard for d/,
    ],
    [
      'K01 a serving role that goes round it',
      'alter role freehold_union bypassrls',
      /freehold_union: bypass/,
    ],
  ])('fails on', (title, statement, finding) => {
    it(title, async () => {
      expect((await after(statement)).join('\n')).toMatch(finding)
    })
  })

  describe('at start', () => {
    const refusal = async (prepare: (name: string) => string) => {
      const name = `k01_${database.name.slice(-8)}`
      await withClient(database.adminUrl, (db) =>
        db.query(
          `create role ${name} login password 'x'; ${prepare(name)}; grant connect on database ${database.name} to ${name}`,
        ),
      )
      const url = new URL(database.adminUrl)
      url.username = name
      url.password = 'x'
      const pool = new pg.Pool({ connectionString: url.href, max: 1 })
      try {
        return await assertCannotBypass(pool).then(
          () => 'starts',
          (error: unknown) => String(error),
        )
      } finally {
        await pool.end()
        await withClient(database.adminUrl, (db) => db.query(`drop owned by ${name}; drop role ${name}`))
      }
    }

    it.each<[string, (name: string) => string, string]>([
      ['a superuser', (name) => `alter role ${name} superuser`, 'rolsuper'],
      ['a role with BYPASSRLS', (name) => `alter role ${name} bypassrls`, 'rolbypassrls'],
      ['a member of the owner', (name) => `grant freehold_owner to ${name}`, 'reaches'],
      ['a member of the definer', (name) => `grant freehold_definer to ${name}`, 'reaches'],
      [
        'the owner of a table',
        (name) =>
          `create table public.mine_${name} (n int); alter table public.mine_${name} owner to ${name}`,
        'owns',
      ],
    ])('K01 refuses %s', async (_who, prepare, why) => {
      expect(await refusal(prepare)).toContain(why)
    })

    it('K01 lets the serving roles through', async () => {
      for (const role of ['tenant', 'master', 'union', 'system'] as const) {
        const pool = new pg.Pool({ connectionString: database.url(role), max: 1 })
        await assertCannotBypass(pool)
        await pool.end()
      }
    })
  })
})
