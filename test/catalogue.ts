import type pg from 'pg'

// What PostgreSQL itself says of a database, for the contract of the wall: nothing here reads our migrations.

export interface Relation {
  schema: string
  name: string
  /** r table, p partitioned, v view, m materialized view, f foreign table, S sequence */
  kind: string
  rls: boolean
  force: boolean
  partition: boolean
  owner: string
  options: string[]
}
export interface Policy {
  table: string
  name: string
  /** r select, a insert, w update, d delete, * all */
  command: string
  permissive: boolean
  roles: string[]
  using: string | null
  check: string | null
}
export interface Grant {
  schema: string
  table: string
  column: string | null
  grantee: string
  privilege: string
}
export interface Routine {
  name: string
  definer: boolean
  owner: string
  config: string[]
  execute: string[]
}
export interface ForeignKey {
  table: string
  name: string
  columns: string[]
  target: string
  targetColumns: string[]
}
export interface Index {
  table: string
  name: string
  unique: boolean
  partial: boolean
  columns: string[]
}
export interface Column {
  table: string
  name: string
  type: string
  notNull: boolean
}
export interface Role {
  name: string
  super: boolean
  bypass: boolean
  login: boolean
  inherit: boolean
  createRole: boolean
  createDb: boolean
  replication: boolean
  memberOf: string[]
}
export interface Catalogue {
  relations: Relation[]
  policies: Policy[]
  grants: Grant[]
  schemaGrants: { schema: string; grantee: string; privilege: string }[]
  routines: Routine[]
  foreignKeys: ForeignKey[]
  indexes: Index[]
  columns: Column[]
  roles: Role[]
}

const OURS = `n.nspname in ('public', 'wall')`
const GRANTEE = `coalesce(nullif(a.grantee, 0)::regrole::text, 'PUBLIC')`
const NAMES = (list: string, table: string, keys: string) =>
  `array(select t.attname::text from unnest(${keys}) with ordinality k(n, i) join pg_attribute t on t.attrelid = ${table} and t.attnum = k.n order by k.i) as "${list}"`

const QUERIES: Record<keyof Catalogue, string> = {
  relations: `select n.nspname as schema, c.relname as name, c.relkind as kind, c.relrowsecurity as rls, c.relforcerowsecurity as force,
      c.relispartition as partition, c.relowner::regrole::text as owner, coalesce(c.reloptions, '{}') as options
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where ${OURS} and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and c.relname <> '_prisma_migrations' order by 1, 2`,
  policies: `select c.relname as table, p.polname as name, p.polcmd as command, p.polpermissive as permissive,
      array(select case r when 0 then 'PUBLIC' else r::regrole::text end from unnest(p.polroles) r order by 1) as roles,
      pg_get_expr(p.polqual, p.polrelid) as using, pg_get_expr(p.polwithcheck, p.polrelid) as check
    from pg_policy p join pg_class c on c.oid = p.polrelid order by 1, 2`,
  grants: `select n.nspname as schema, c.relname as table, null as column, ${GRANTEE} as grantee, a.privilege_type as privilege
    from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) a
    where ${OURS} and a.grantee <> c.relowner and c.relname <> '_prisma_migrations'
    union all
    select n.nspname, c.relname, t.attname, ${GRANTEE}, a.privilege_type
    from pg_attribute t join pg_class c on c.oid = t.attrelid join pg_namespace n on n.oid = c.relnamespace, aclexplode(t.attacl) a
    where ${OURS} and a.grantee <> c.relowner and not t.attisdropped`,
  schemaGrants: `select n.nspname as schema, ${GRANTEE} as grantee, a.privilege_type as privilege
    from pg_namespace n, aclexplode(n.nspacl) a where ${OURS} and a.grantee <> n.nspowner`,
  routines: `select n.nspname || '.' || p.proname as name, p.prosecdef as definer, p.proowner::regrole::text as owner,
      coalesce(p.proconfig, '{}') as config,
      array(select ${GRANTEE} from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
        where a.grantee <> p.proowner and a.privilege_type = 'EXECUTE' order by 1) as execute
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname not in ('pg_catalog', 'information_schema') order by 1`,
  foreignKeys: `select c.conrelid::regclass::text as table, c.conname as name, c.confrelid::regclass::text as target,
      ${NAMES('columns', 'c.conrelid', 'c.conkey')}, ${NAMES('targetColumns', 'c.confrelid', 'c.confkey')}
    from pg_constraint c join pg_namespace n on n.oid = c.connamespace where c.contype = 'f' and ${OURS} order by 1, 2`,
  indexes: `select c.relname as table, i.indexrelid::regclass::text as name, i.indisunique as unique, i.indpred is not null as partial,
      array(select pg_get_indexdef(i.indexrelid, k, true) from generate_series(1, i.indnkeyatts) k order by k) as columns
    from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
    where ${OURS} and c.relname <> '_prisma_migrations' order by 1, 2`,
  columns: `select c.relname as table, t.attname as name, format_type(t.atttypid, t.atttypmod) as type, t.attnotnull as "notNull"
    from pg_attribute t join pg_class c on c.oid = t.attrelid join pg_namespace n on n.oid = c.relnamespace
    where ${OURS} and c.relkind in ('r', 'p') and t.attnum > 0 and not t.attisdropped order by 1, t.attnum`,
  roles: `select r.rolname as name, r.rolsuper as super, r.rolbypassrls as bypass, r.rolcanlogin as login, r.rolinherit as inherit,
      r.rolcreaterole as "createRole", r.rolcreatedb as "createDb", r.rolreplication as replication,
      array(select m.roleid::regrole::text from pg_auth_members m where m.member = r.oid order by 1) as "memberOf"
    from pg_roles r where r.rolname like 'freehold\\_%' or r.rolname like 'fh\\_' || current_database() || '\\_%' order by 1`,
}

/** Reads all that the contract judges. */
export async function readCatalogue(db: pg.Client): Promise<Catalogue> {
  const entries: [string, unknown[]][] = []
  for (const [name, sql] of Object.entries(QUERIES)) entries.push([name, (await db.query(sql)).rows])
  return Object.fromEntries(entries) as unknown as Catalogue
}
