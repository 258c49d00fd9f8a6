import {
  BUILT_IN_TENANT_ROLES,
  BUILT_IN_USER_ROLES,
  type Level,
  type Levels,
  OF_KINDS,
  PERMISSION_NAMES,
  PERMISSIONS,
  type Permission,
} from '@/lib/permissions'
import { code, page, table } from './markdown'
import type { Surface } from './surfaces'

const masterOnly = (name: Permission): boolean => 'masterOnly' in PERMISSIONS[name]
const words = (builtIn: string): string =>
  builtIn
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ')

function matrix(roles: Record<string, Levels>): string {
  const level = (levels: Levels, name: Permission): string => levels[name] ?? 'none'
  return table(
    ['Permission', ...Object.keys(roles).map(words)],
    PERMISSION_NAMES.map((name) => [
      code(name),
      ...Object.values(roles).map((levels) => level(levels, name).replace(/^none$/, '–')),
    ]),
  )
}

function needs(surfaces: readonly Surface[], name: Permission): string {
  const levels: readonly Level[] = PERMISSIONS[name].levels
  const at = (level: Level) =>
    surfaces.filter(
      ({ declaration: { permission: p } }) =>
        p &&
        ('ofKind' in p ? p.ofKind === level && OF_KINDS.includes(name) : p[0] === name && p[1] === level),
    )
  const show = (one: Surface) => code(one.kind === 'page' || one.kind === 'route' ? one.address : one.name)
  const rows = levels
    .filter((level) => at(level).length > 0)
    .map((level) => [level, [...new Set(at(level).map(show))].join(', ')])
  return rows.length > 0 ? table(['Level', 'Needed by'], rows) : 'Nothing needs it yet.'
}

/** docs/generated/permissions.md: the catalogue, the built-in roles, and what needs which permission. */
export function permissionsPage(surfaces: readonly Surface[]): Promise<string> {
  return page('Permissions', [
    "From `lib/permissions.ts`. A member's right is the best level of their roles, cut by the tenant's cap (tenant role); it is worked out for every request and never stored (`server/authz/rights.ts`). In the master tenant there is no cap.",
    '## Catalogue',
    table(
      ['Permission', 'Label', 'Levels', 'Where', 'Meaning'],
      PERMISSION_NAMES.map((name) => {
        const { label, levels, description } = PERMISSIONS[name]
        return [
          code(name),
          label,
          levels.join(' < '),
          masterOnly(name) ? 'master only' : 'every tenant',
          description,
        ]
      }),
    ),
    '## Built-in user roles',
    'Super Admin and Support are held in the master tenant. Owner, Admin, Editor and Viewer are multi-tenant roles: templates of the master that every subtenant has.',
    matrix(BUILT_IN_USER_ROLES),
    '## Built-in tenant roles (caps)',
    matrix(BUILT_IN_TENANT_ROLES),
    '## What needs it',
    ...PERMISSION_NAMES.flatMap((name) => [
      `### ${PERMISSIONS[name].label} (\`${name}\`)`,
      needs(surfaces, name),
    ]),
  ])
}
