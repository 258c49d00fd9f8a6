import type pg from 'pg'
import { findFunctions } from './find-functions'
import { conditionsOf, without } from './conditions'
import { type Mutant, numbered, word } from './mutant'

/** Columns that say whose a row is and who sees it: no subtenant's to change. */
const WHOSE = ['tenant_id', 'home_tenant_id', 'owner_id', 'assigned_id', 'visibility', 'cloud_id']
const SECRET = [
  'password_hash',
  'token_hash',
  'next_token_hash',
  'code_hash',
  'nonce_hash',
  'setup_code_hash',
]
/** What the CHECKs about ownership and visibility look at. */
const CHECKED = [
  ...WHOSE,
  'parent_level',
  'multi_tenant',
  'locked',
  'template_id',
  'built_in',
  'sharing',
  'tenant_role_id',
]
const SERVING = ['freehold_tenant', 'freehold_master', 'freehold_union']

const id = (name: string) => `"${name.replaceAll('"', '""')}"`
const made = (kind: string, object: string, detail: string, sql: string[]): Mutant => ({
  id: ['sql', kind.replaceAll(' ', '-'), object, word(detail)].filter(Boolean).join(':'),
  kind: `database: ${kind}`,
  layer: 'no-filters',
  at: object,
  sql,
})

interface PolicyRow {
  table: string
  name: string
  roles: string[]
  using: string | null
  check: string | null
}

/** Any signed context will do: what is left of a policy that no longer asks whose a row is. */
const anyContext = (roles: string[]): string =>
  roles.includes('freehold_union')
    ? '(select wall.ctx_user()) is not null'
    : '(select wall.ctx_tenant()) is not null'

/** Policies of serving roles: each as a whole, and each condition in it. */
async function policies(db: pg.Client): Promise<Mutant[]> {
  const { rows } = await db.query<PolicyRow>(
    `select n.nspname || '.' || quote_ident(c.relname) as table, p.polname as name,
      array(select r::regrole::text from unnest(p.polroles) r) as roles,
      pg_get_expr(p.polqual, p.polrelid) as using, pg_get_expr(p.polwithcheck, p.polrelid) as check
    from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace order by 1, 2`,
  )
  const ours = rows.filter(({ roles }) => roles.some((role) => SERVING.includes(role)))
  return ours.flatMap(({ table, name, roles, using, check }) =>
    (
      [
        ['using', using],
        ['with check', check],
      ] as const
    ).flatMap(([clause, text]) => {
      if (text === null) return []
      const alter = (by: string) => [`alter policy ${id(name)} on ${table} ${clause} (${by})`]
      const object = `${name}:${clause.replace(' ', '-')}`
      const parts = conditionsOf(text).map((part) =>
        made('part of policy', object, text.slice(part.from, part.to), alter(without(text, part))),
      )
      return [made('policy', object, '', alter(anyContext(roles))), ...parts]
    }),
  )
}

/** CHECKs about ownership and visibility, and foreign keys that carry the tenant. */
async function constraints(db: pg.Client): Promise<Mutant[]> {
  const { rows } = await db.query<{ table: string; name: string; type: string; columns: string[] }>(
    `select c.conrelid::regclass::text as table, c.conname as name, c.contype as type,
      array(select attname::text from pg_attribute where attrelid = c.conrelid and attnum = any (c.conkey)) as columns
    from pg_constraint c join pg_namespace n on n.oid = c.connamespace where n.nspname = 'public' and c.contype in ('c', 'f') order by 1, 2`,
  )
  return rows.flatMap(({ table, name, type, columns }) => {
    const owned = columns.some((column) => CHECKED.includes(column))
    if (type === 'c' ? !owned : !(owned && columns.length > 1)) return []
    return [
      made(type === 'c' ? 'check' : 'foreign key', name, '', [
        `alter table ${table} drop constraint ${id(name)}`,
      ]),
    ]
  })
}

/** Triggers that guard or keep; not those that only tell live pages. */
async function triggers(db: pg.Client): Promise<Mutant[]> {
  const { rows } = await db.query<{ table: string; name: string }>(
    `select t.tgrelid::regclass::text as table, t.tgname as name from pg_trigger t join pg_proc p on p.oid = t.tgfoid
      join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
    where not t.tgisinternal and n.nspname = 'public' and p.prosrc !~ 'pg_notify' order by 1, 2`,
  )
  return rows.map(({ table, name }) => made('trigger', name, '', [`drop trigger ${id(name)} on ${table}`]))
}

/** Rights of a subtenant's role by column: to change whose a row is, to read secrets. */
async function privileges(db: pg.Client): Promise<Mutant[]> {
  const { rows } = await db.query<{ table: string; column: string; secret: boolean }>(
    `select c.relname as table, a.attname as column, a.attname = any ($2) as secret
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped and a.attname = any ($1 || $2)
      and has_any_column_privilege('freehold_tenant', c.oid, 'select')
      and not has_column_privilege('freehold_tenant', c.oid, a.attnum, case when a.attname = any ($2) then 'select' else 'update' end)
    order by 1, 2`,
    [WHOSE, SECRET],
  )
  return rows.map(({ table, column, secret }) => {
    const right = secret ? 'select' : 'update'
    return made('privilege', `${table}.${column}`, right, [
      `grant ${right} (${id(column)}) on ${id(table)} to freehold_tenant`,
    ])
  })
}

/** Every mutant of a migrated database, read from its catalogue. */
export async function findInDatabase(db: pg.Client): Promise<Mutant[]> {
  const found: Mutant[] = []
  for (const find of [policies, constraints, triggers, privileges, findFunctions])
    found.push(...(await find(db)))
  return numbered(found)
}
