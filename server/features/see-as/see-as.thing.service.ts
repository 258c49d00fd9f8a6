import type { z } from 'zod'
import { VERBS, type Verb } from '@/lib/access'
import { KINDS, kindOf } from '@/lib/resource-kinds/registry'
import { allVerbs } from '@/server/authz/reach'
import { relationOf, verbsOfRelation } from '@/server/authz/relation'
import { SAMPLES } from '@/server/authz/explain/samples'
import type { SignedInOp } from '@/server/context/op'
import { inDrill } from '@/server/db/scope'
import { countSeen, findSeen, type SeenRecord } from '@/server/features/resources/seen.service'
import { notFound } from '@/server/platform/errors'
import { totals } from '@/server/platform/page-schema'
import { capOfTenant, eyesOf, eyesOfRoles } from './eyes'
import { noteLook, subtenant } from './look'
import { rolesThere } from './see-as.repo'
import type * as schema from './see-as.schema'

/** The kinds that the tenant has in its menu, with how many of each it sees; and the roles to look through. */
export async function overviewOf(
  op: SignedInOp,
  { tenantId, roleId }: z.output<typeof schema.seeAsOverviewInput>,
): Promise<z.output<typeof schema.seeAsOverview>> {
  const tenant = await subtenant(op, tenantId)
  await noteLook(op, tenant, 'drill')
  const cap = await capOfTenant(op, tenantId)
  return inDrill(op, tenantId, async (tx) => {
    const viewer = await eyesOf(tx, tenantId, roleId, cap)
    const kinds = []
    for (const { kind, plural } of KINDS) {
      const count = await countSeen(tx, viewer, {
        kind,
        sort: 'name',
        desc: false,
        position: null,
        limit: 1,
        counted: true,
      })
      kinds.push({ kind, plural, ...totals(count) })
    }
    const roles = await rolesThere(tx, tenantId, null)
    return { kinds, roles: roles.map(({ id, name }) => ({ id, name })) }
  })
}

const reaches = (row: SeenRecord, verb: Verb): boolean =>
  verb === 'see' || { act: row.reachAct, edit: row.reachEdit, delete: row.reachDelete }[verb]

/** One thing as the tenant has it: its fields, and what its people could do with it. @throws AppError not_found */
export async function thingOf(
  op: SignedInOp,
  { tenantId, id, roleId }: z.output<typeof schema.seeAsThingInput>,
): Promise<z.output<typeof schema.seeAsThing>> {
  const tenant = await subtenant(op, tenantId)
  await noteLook(op, tenant, 'drill')
  const cap = await capOfTenant(op, tenantId)
  return inDrill(op, tenantId, async (tx) => {
    const [row] = await findSeen(tx, await eyesOf(tx, tenantId, roleId, cap), [id])
    if (!row) throw notFound()
    const ofTenant = verbsOfRelation(tenantId, row)
    const could = []
    for (const { label, role } of SAMPLES) {
      const [seen] = await findSeen(tx, eyesOfRoles(tenantId, [role], cap), [id])
      const verbs = allVerbs(row.kind).filter((verb) => seen && ofTenant.has(verb) && reaches(seen, verb))
      could.push({ role: label, verbs: VERBS.filter((verb) => verbs.includes(verb)) })
    }
    return {
      id: row.id,
      kind: row.kind,
      kindLabel: kindOf(row.kind)?.label ?? row.kind,
      name: row.name,
      spec: row.spec,
      relation: relationOf(tenantId, row),
      grantRole: row.grantRole,
      visibility: row.visibility,
      cloudName: row.cloudName,
      createdAt: row.createdAt.toISOString(),
      could,
    }
  })
}
