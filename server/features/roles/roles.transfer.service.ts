import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { type Levels, PERMISSION_NAMES } from '@/lib/permissions'
import { wishOf } from '@/server/authz/rights'
import type { SignedInOp } from '@/server/context/op'
import type { HttpRoute } from '@/server/http/route'
import type { Tx } from '@/server/db/scope'
import { AppError, invalidField, notFound } from '@/server/platform/errors'
import { viewOf } from './roles.access'
import { namesFor, readContent } from './roles.content'
import * as repo from './roles.repo'
import {
  access,
  type AccessInput,
  claim,
  type ImportResult,
  landing,
  levels,
  roleDescription,
  roleName,
} from './roles.schema'
import { ownRoles, type RoleScope, type RolesOf } from './roles.scope'
import * as write from './roles-write.repo'

const FORMAT = 'freehold.roles'
/** Names stand beside ids for people; only ids count. */
const named = z.strictObject({ id: z.uuid(), name: z.string().max(300).nullish(), access })
const rule = z.strictObject({ default: access, entries: z.array(named).max(200).default([]) })
const fileRole = z.strictObject({
  name: roleName,
  description: roleDescription.default(''),
  landing: landing.default(''),
  levels,
  access: z
    .strictObject({
      groups: rule.optional(),
      clouds: rule.optional(),
      instanceTypes: rule.optional(),
      resources: z
        .array(named.extend({ kind: z.string().max(60).optional() }))
        .max(200)
        .optional(),
      claims: z.array(claim).max(30).optional(),
    })
    .default({}),
})
const file = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(1),
  roles: z.array(z.unknown()).min(1).max(100),
})
type FileRole = z.output<typeof fileRole>

const said = (role: Levels): Levels =>
  Object.fromEntries(
    PERMISSION_NAMES.flatMap((name) => (role[name] && role[name] !== 'none' ? [[name, role[name]]] : [])),
  )

/** Roles of the tenant as a file: all that are its own, or those that are asked for. @throws AppError 404 */
function exportRoles(scope: RoleScope, ids: readonly string[]): Promise<string> {
  return scope.read(async (tx) => {
    const all = await repo.listRoles(tx, scope.tenant.id)
    const chosen =
      ids.length === 0
        ? all.filter(({ tenantId, builtIn }) => tenantId === scope.tenant.id && builtIn === null)
        : ids.map((id) => all.find((role) => role.id === id))
    if (!chosen.every((role) => role !== undefined)) throw notFound()
    const names = await namesFor(scope, tx, ...chosen)
    const roles = chosen.map((role) => {
      const { claims, ...rest } = viewOf(role.access, names)
      const plain = claims.map((one) => ({ ...one, resources: one.resources.map(({ id }) => id) }))
      const { name, description, landing: page } = role
      return {
        name,
        description,
        landing: page,
        levels: said(wishOf(role)),
        access: { ...rest, claims: plain },
      }
    })
    return `${JSON.stringify({ format: FORMAT, version: 1, roles }, null, 2)}\n`
  })
}

/** Without the names, as the editor sends it. */
function inputOf({ access: from }: FileRole): AccessInput {
  const plain = (one?: z.output<typeof rule>) =>
    one && {
      default: one.default,
      entries: one.entries.map(({ id, access: level }) => ({ id, access: level })),
    }
  return {
    groups: plain(from.groups),
    clouds: plain(from.clouds),
    instanceTypes: plain(from.instanceTypes),
    resources: from.resources?.map(({ id, access: level }) => ({ id, access: level })),
    claims: from.claims,
  }
}

/** @throws AppError 400 on `text` */
function readFile(text: string): unknown[] {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw invalidField('text', 'This is no JSON file')
  }
  const read = file.safeParse(json)
  if (!read.success) throw invalidField('text', `This is no file of roles: ${firstProblem(read.error)}`)
  return read.data.roles
}

const firstProblem = ({ issues }: z.ZodError): string => {
  const [issue] = issues
  return issue
    ? `${issue.path.length > 0 ? `${issue.path.join('.')}: ` : ''}${issue.message}`
    : 'it does not fit'
}

type Planned = { name: string } & ({ ok: true; content: write.RoleContent } | { ok: false; error: AppError })

/** What importing the file would do, role by role: each is held to what a role made by hand is held to. */
async function plan(of: RolesOf, tx: Tx, text: string): Promise<Planned[]> {
  const planned: Planned[] = []
  const names = new Set<string>()
  for (const [i, raw] of readFile(text).entries()) {
    const read = fileRole.safeParse(raw)
    if (!read.success) {
      const name = z.looseObject({ name: z.string().max(60) }).safeParse(raw).data?.name ?? `Role ${i + 1}`
      planned.push({ name, ok: false, error: invalidField('text', firstProblem(read.error)) })
      continue
    }
    planned.push(await planOne(of, tx, read.data, names))
  }
  return planned
}

async function planOne(of: RolesOf, tx: Tx, role: FileRole, names: Set<string>): Promise<Planned> {
  const { name, description } = role
  try {
    if (names.has(name.toLowerCase())) throw invalidField('text', 'The file names this role twice')
    names.add(name.toLowerCase())
    const given = {
      name,
      description,
      landing: role.landing,
      levels: role.levels as Levels,
      access: inputOf(role),
    }
    return { name, ok: true, content: await readContent(of, tx, given, null, { ids: [], template: false }) }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const unknown =
      error.code === 'not_found'
        ? new AppError('not_found', 'It names something that is not to be found here')
        : error
    return { name, ok: false, error: unknown }
  }
}

/**
 * What importing into the acting tenant would do: nothing is written. Whoever gets here manages its roles, as the declaration asks.
 * @throws AppError 400 on `text`
 */
export function planImport(op: SignedInOp, text: string): Promise<ImportResult> {
  const scope = ownRoles(op)
  return scope.read(async (tx) => {
    const rows = await plan(scope, tx, text)
    return { rows: rows.map((row) => ({ name: row.name, ok: row.ok, why: row.ok ? '' : row.error.message })) }
  })
}

/** Makes all roles of a file in the acting tenant, or none. @throws AppError of the first that is refused */
export function importRoles(op: SignedInOp, text: string): Promise<ImportResult> {
  return ownRoles(op).write(async ({ tx, audit }, now) => {
    const rows = await plan(now, tx, text)
    for (const row of rows) {
      if (!row.ok)
        throw new AppError(row.error.code, `Nothing is imported. ${row.name}: ${row.error.message}`)
      await write.insertRole(tx, now.tenant.id, randomUUID(), row.content)
    }
    const names = rows.map(({ name }) => name)
    audit({ targetKind: 'role', targetId: '', targetName: names.join(', '), after: { roles: names } })
    return { rows: names.map((name) => ({ name, ok: true, why: '' })) }
  })
}

const query = z.array(z.uuid()).max(100)

/** The tenant's own roles, or those of these ids, as a file that can be imported elsewhere. */
export const rolesExport: HttpRoute = {
  name: 'roles.export',
  method: 'GET',
  path: '/api/roles/export.json',
  declaration: {
    scope: 'tenant',
    permission: ['roles', 'read'],
    audit: 'none',
    impersonating: 'refused',
    summary: 'Roles as a JSON file',
  },
  maxBody: 0,
  handle: async ({ request, op }) => {
    const ids = query.parse(new URL(request.url).searchParams.getAll('id'))
    const text = await exportRoles(ownRoles(op as SignedInOp), ids)
    return new Response(text, {
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'content-disposition': 'attachment; filename="roles.json"',
        'cache-control': 'no-store',
      },
    })
  },
}
