import { code, fence, page, table } from './markdown'
import type { Policy } from './sql'
import { COMMANDS, type Command, readWall, type Wall } from './wall'

const DEFINER = 'freehold_definer'
const SERVING = ['freehold_tenant', 'freehold_master', 'freehold_union', 'freehold_system', 'freehold_worker']
const short = (role: string): string => role.replace(/^freehold_/, '')

const ROLES: [string, string][] = [
  ['tenant', 'Requests in a subtenant, and the master at work in one (drill-in, its people).'],
  ['master', 'Requests in the master tenant.'],
  ['union', 'Reads over all tenants of one person.'],
  ['system', 'Sign-in, agents, health: calls functions, has no right on any table.'],
  ['worker', "graphile-worker's queue, in a schema of its own."],
  ['definer', 'Owns the functions below. Nobody signs in as it.'],
  [
    'owner',
    'Owns the tables; migrations run as it. Nobody signs in as it. FORCE row-level security holds it too.',
  ],
]

function columnsOf(wall: Wall, on: string, role: string, command: Command): string[] | null | undefined {
  return wall.grants.get(on)?.get(role)?.get(command)
}

const policiesOf = (wall: Wall, on: string): Policy[] => wall.policies.filter((policy) => policy.table === on)

/** What a role may do on a table: commands that it is both granted and has a policy for. `*`: not on all columns. */
function rights(wall: Wall, on: string, role: string): string {
  return COMMANDS.flatMap((command) => {
    const columns = columnsOf(wall, on, role, command)
    const allowed = policiesOf(wall, on).some(
      (one) => one.command === command && one.roles.includes(role) && !one.restrictive,
    )
    return columns === undefined || !allowed ? [] : [command.toLowerCase() + (columns === null ? '' : '\\*')]
  }).join(', ')
}

/** `tenant, master: update only …`, one line for all roles with the same columns. */
function columnLines(wall: Wall, on: string): string[] {
  const roles = new Map<string, string[]>()
  for (const command of COMMANDS) {
    for (const role of SERVING) {
      const columns = columnsOf(wall, on, role, command)
      if (!columns) continue
      const what = `${command.toLowerCase()} only ${columns.map(code).join(', ')}`
      roles.set(what, [...(roles.get(what) ?? []), short(role)])
    }
  }
  return [...roles].map(([what, who]) => `- ${who.join(', ')}: ${what}`)
}

function section(wall: Wall, on: string): string[] {
  const policies = policiesOf(wall, on).filter(({ roles }) => !roles.includes(DEFINER))
  const text = policies.map(({ name, command, roles, restrictive, using, check }) =>
    [
      `-- ${name}: ${command}, ${roles.map(short).join(', ')}${restrictive ? ', restrictive (all must hold)' : ''}`,
      ...(using ? [`using ${using}`] : []),
      ...(check ? [`check ${check}`] : []),
    ].join('\n'),
  )
  if (text.length === 0) return []
  const columns = columnLines(wall, on)
  return [`### ${on}`, fence('sql', text.join('\n\n')), ...(columns.length > 0 ? [columns.join('\n')] : [])]
}

/** docs/generated/database.md: who may do what on which table, by which policy; and the functions that cross tenants. */
export function databasePage(): Promise<string> {
  const wall = readWall()
  const tables = [...wall.tables].sort()
  const behind = tables.filter((on) => SERVING.every((role) => rights(wall, on, role) === ''))
  const calls = (trigger: boolean) =>
    wall.definers.filter((one) => one.trigger === trigger).sort((a, b) => a.name.localeCompare(b.name, 'en'))
  return page('Rights in the database', [
    'From `prisma/migrations`; `server/docs.test.ts` compares it with the catalogue of a migrated database. Every table has row-level security, enabled and forced, and one policy per command. No role is superuser or has BYPASSRLS.',
    '## Roles',
    table(
      ['Role', 'For'],
      ROLES.map(([role, what]) => [code(`freehold_${role}`), what]),
    ),
    'The server signs in as a login per database (`fh_<database>_<role>`) that is a member of one of the first five.',
    '## Tables',
    'What the serving roles may do. A star: on some columns only, listed below.',
    table(
      ['Table', 'tenant', 'master', 'union'],
      tables
        .filter((on) => !behind.includes(on))
        .map((on) => [code(on), ...SERVING.slice(0, 3).map((role) => rights(wall, on, role))]),
    ),
    `No serving role reaches ${behind.map(code).join(', ')}: only functions do.`,
    '## Policies',
    '`wall.ctx_tenant()` is the tenant that may be read, `wall.ctx_writer()` the one whose resources may be written, `wall.ctx_people()` the one whose people may be written; each is null where the signed context does not allow it.',
    ...tables.flatMap((on) => section(wall, on)),
    '## Functions that cross tenants',
    'SECURITY DEFINER, with a fixed search_path. This is the whole list; `test/wall-reviewed-functions.ts` holds the reviewed one.',
    table(
      ['Function', 'Called by', 'What it does'],
      calls(false).map(({ name, args, roles, comment }) => [
        code(`${name}(${args})`),
        roles.map(short).join(', ') || 'other functions',
        comment,
      ]),
    ),
    `By triggers: ${calls(true)
      .map(({ name, comment }) => `${code(name)}${comment ? ` (${comment.replace(/\.$/, '')})` : ''}`)
      .join('; ')}.`,
  ])
}
