import type pg from 'pg'

const BYPASS_CHECK = `
  select r.rolname, r.rolsuper, r.rolbypassrls,
    exists (select 1 from pg_roles o where (o.rolsuper or o.rolbypassrls or o.rolname in ('freehold_owner', 'freehold_definer'))
      and o.rolname <> r.rolname and pg_has_role(r.rolname, o.oid, 'member')) as reaches,
    exists (select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname in ('public', 'wall') and c.relowner = r.oid) as owns
  from pg_roles r where r.rolname = current_user`

/**
 * Refuses to serve on a database role that could get round row-level security: superuser, BYPASSRLS, owner of a table,
 * or member of a role that is (attack K01). Checked on the very pool that serves requests.
 * @throws Error with one line that names the role
 */
export async function assertCannotBypass(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<Record<string, unknown>>(BYPASS_CHECK)
  const role = rows[0]
  const why = ['rolsuper', 'rolbypassrls', 'reaches', 'owns'].find((flag) => role?.[flag] !== false)
  if (!role || why) {
    throw new Error(
      `Database role ${String(role?.rolname)} could bypass row-level security (${why}): refusing to start`,
    )
  }
}
