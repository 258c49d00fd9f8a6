import { randomUUID } from 'node:crypto'
import type { Effect } from '@/lib/effects'
import {
  isMasterOnly,
  type Level,
  type Levels,
  PERMISSION_NAMES,
  type Permission,
  PERMISSIONS,
} from '@/lib/permissions'
import { ceilingChanges, effectsOf, inOrder, LEVEL_WORDS } from '@/server/authz/effects'
import { ceilingOf } from '@/server/authz/rights'
import { can, type SignedInOp } from '@/server/context/op'
import { inTenant, mutate, rehearse, type Tx, type WriteTx } from '@/server/db/scope'
import { partnerLocks } from '@/server/features/tenants/tenants.partners.service'
import { type AppError, conflict, denied, invalidField, notFound } from '@/server/platform/errors'
import { isUniqueViolation } from '@/server/platform/unique-violation'
import { rankAccess } from '@/lib/access'
import { statesOf } from './roles.content'
import { auditEffects, effectsAnswer } from './roles.effects'
import { holderSets, tenantHolderSets } from './roles.repo'
import type { Effects } from './roles.schema'
import { found } from './roles.scope'
import * as repo from './tenant-roles.repo'
import type {
  CapAction,
  CapDetail,
  CapList,
  CapRow,
  CreateCap,
  PreviewCap,
  UpdateCap,
} from './tenant-roles.schema'

type Ref = { id: string; name: string }
const NAME_TAKEN = 'Another tenant role has this name'
const READ_ONLY = 'Your role may see tenant roles, not change them'

function refusalOf(op: Pick<SignedInOp, 'rights'>, cap: repo.CapRecord, action: CapAction): AppError | null {
  if (!can(op, 'tenants', 'full')) return denied(READ_ONLY)
  return action === 'delete' && cap.builtIn !== null ? denied('Built-in tenant roles are not deleted') : null
}

function abilities(op: SignedInOp, cap: repo.CapRecord, tenants: number) {
  const inUse = tenants === 1 ? '1 tenant has it' : `${tenants} tenants have it`
  const why = (action: CapAction) =>
    refusalOf(op, cap, action)?.message ?? (action === 'delete' && tenants > 0 ? inUse : undefined)
  const [edit, copy, remove] = [why('edit'), why('copy'), why('delete')]
  return {
    can: { edit: edit === undefined, copy: copy === undefined, delete: remove === undefined },
    why: { edit, copy, delete: remove },
  }
}

const toRow = (op: SignedInOp, cap: repo.CapRecord, tenants: number, named: CapRow['named']): CapRow => ({
  id: cap.id,
  name: cap.name,
  description: cap.description,
  builtIn: cap.builtIn !== null,
  sharing: ceilingOf(cap).sharing === 'full',
  tenants,
  defaultCloudLevel: cap.defaultCloudLevel,
  named,
  updatedAt: cap.updatedAt.toISOString(),
  ...abilities(op, cap, tenants),
})

/** Tenant roles: the caps that a subtenant can have as its base role. */
export const listCapOptions = (op: SignedInOp) => inTenant(op, repo.capOptions)
/** The same, where a transaction is open. */
export const capOptions = repo.capOptions

/** All tenant roles with their use. */
export function listCaps(op: SignedInOp): Promise<CapList> {
  return inTenant(op, async (tx) => {
    const rows = await repo.listCaps(tx)
    const may = can(op, 'tenants', 'full')
    return {
      rows: rows.map((row) =>
        toRow(op, row, Number(row.tenants), {
          none: Number(row.none),
          read: Number(row.read),
          full: Number(row.full),
        }),
      ),
      ...{ can: { create: may }, why: { create: may ? undefined : READ_ONLY } },
    }
  })
}

const whole = (levels: Levels): Record<Permission, Level> =>
  Object.fromEntries(PERMISSION_NAMES.map((name) => [name, levels[name] ?? 'none'])) as Record<
    Permission,
    Level
  >

/** One tenant role: levels, clouds, and who has it. @throws AppError 404 */
export function getCap(op: SignedInOp, id: string): Promise<CapDetail> {
  return inTenant(op, async (tx) => {
    const cap = found(await repo.findCap(tx, id))
    const clouds = await repo.cloudsOf(tx, id)
    const usedBy = await repo.tenantsOf(tx, id)
    const of = (level: string) => clouds.filter((cloud) => cloud.level === level).length
    const living = usedBy.filter(({ status }) => status !== 'deleted').length
    return {
      ...toRow(op, cap, living, { none: of('none'), read: of('read'), full: of('full') }),
      levels: whole(ceilingOf(cap)),
      landing: cap.landing,
      providerAccess: cap.providerAccess,
      fixedLevels: cap.builtIn !== null,
      clouds,
      usedBy: usedBy.slice(0, 200),
    }
  })
}

/** The master's public clouds, for the form of a new tenant role. */
export const publicClouds = (op: SignedInOp) =>
  inTenant(op, async (tx) => (await repo.cloudsOf(tx, null)).map(({ id, name }) => ({ id, name })))

interface Content extends repo.CapContent {
  clouds: { id: string; level: 'none' | 'read' | 'full' }[]
}

/** What of a cap was asked for, whole and checked. @throws AppError 400, 404 for a cloud that is none of the master's public ones, 409 on `name` */
async function readContent(
  tx: Tx,
  input: CreateCap,
  before: repo.CapRecord | null,
  self: string | null,
): Promise<Content> {
  const named =
    before === null ? [] : (await repo.cloudsOf(tx, before.id)).filter(({ level }) => level !== null)
  const clouds = input.clouds ?? named.map(({ id, level }) => ({ id, level: level ?? 'none' }))
  if (new Set(clouds.map(({ id }) => id)).size !== clouds.length)
    throw invalidField('clouds', 'Name each cloud once')
  const known = new Set([...(await repo.cloudsOf(tx, null)), ...named].map(({ id }) => id))
  if (clouds.some(({ id }) => !known.has(id))) throw notFound()
  const levels = input.levels ?? (before ? ceilingOf(before) : {})
  for (const name of PERMISSION_NAMES) {
    if (isMasterOnly(name) && (levels[name] ?? 'none') !== 'none')
      throw invalidField(`levels.${name}`, `${PERMISSIONS[name].label} is the provider’s: no tenant has it`)
  }
  if (await repo.capNameTaken(tx, input.name, self)) throw conflict(NAME_TAKEN, { name: NAME_TAKEN })
  return {
    ...{ name: input.name, description: input.description, clouds },
    levels: Object.fromEntries(Object.entries(levels).filter(([, level]) => level !== 'none')),
    defaultCloudLevel: input.defaultCloudLevel ?? before?.defaultCloudLevel ?? 'none',
    landing: input.landing ?? before?.landing ?? '',
    providerAccess: input.providerAccess ?? before?.providerAccess ?? 'free',
  }
}

/** A cap in words, by what they are about. */
async function inWords(tx: Tx, cap: repo.CapRecord): Promise<Map<string, string>> {
  const clouds = await repo.cloudsOf(tx, cap.id)
  const levels = ceilingOf(cap)
  return new Map([
    ...Object.entries({ Name: cap.name, Description: cap.description, 'Landing page': cap.landing }),
    [
      'Impersonation by the provider',
      cap.providerAccess === 'free' ? 'as the tenant says' : cap.providerAccess,
    ],
    ...PERMISSION_NAMES.map((name): [string, string] => [
      PERMISSIONS[name].label,
      LEVEL_WORDS[levels[name] ?? 'none'],
    ]),
    ['Other public clouds', cap.defaultCloudLevel] as const,
    ...clouds.flatMap(({ name, level }): [string, string][] =>
      level === null ? [] : [[`Cloud ${name}`, level]],
    ),
  ])
}

/** Makes a tenant role, from nothing or from another one. @throws AppError 400, 404, 409 on `name` */
export function createCap(op: SignedInOp, input: CreateCap): Promise<Ref> {
  const id = randomUUID()
  const done = mutate(op, async ({ tx, audit }) => {
    const base = input.baseRoleId === undefined ? null : found(await repo.findCap(tx, input.baseRoleId))
    const content = await readContent(tx, input, base, null)
    await repo.insertCap(tx, id, content)
    await repo.replaceClouds(tx, id, content.clouds)
    const { after } = statesOf(new Map(), await inWords(tx, found(await repo.findCap(tx, id))))
    audit({ targetKind: 'tenant_role', targetId: id, targetName: input.name, after })
    return { id, name: input.name }
  })
  return done.catch(nameTaken)
}

const nameTaken = (error: unknown): never => {
  throw isUniqueViolation(error) ? conflict(NAME_TAKEN, { name: NAME_TAKEN }) : error
}

/** A cap as it stands: its levels, and its access to each public cloud, the default worked in. */
async function capState(tx: Tx, cap: repo.CapRecord) {
  const clouds = (await repo.cloudsOf(tx, cap.id)).filter((cloud) => cloud.public)
  const levels = clouds.map(
    ({ id, name, level }) => [id, { name, level: level ?? cap.defaultCloudLevel }] as const,
  )
  return { cap, clouds: new Map(levels) }
}
type CapState = Awaited<ReturnType<typeof capState>>

/** What a tenant as a whole gains and loses on the way from one cap to another. */
function capChanges(before: CapState, after: CapState): Pick<Effect, 'change' | 'what'>[] {
  const clouds = [...after.clouds].flatMap(([id, { name, level }]) => {
    const was = before.clouds.get(id)?.level ?? 'none'
    if (was === level) return []
    const change = rankAccess(level) > rankAccess(was) ? ('gains' as const) : ('loses' as const)
    return [{ change, what: `Cloud ${name}: ${was} → ${level}` }]
  })
  return [...ceilingChanges(before.cap, after.cap), ...clouds]
}

const wholes = (
  tenants: readonly { id: string; name: string }[],
  changes: readonly Pick<Effect, 'change' | 'what'>[],
): Effect[] =>
  tenants.flatMap(({ id, name }) =>
    changes.map((one): Effect => ({ tenantId: id, tenant: name, who: '', ...one })),
  )

/** Writes a cap. @returns who gains and who loses what by it: its tenants as a whole, and their people */
async function save(tx: WriteTx, cap: repo.CapRecord, content: Content): Promise<Effect[]> {
  const was = await capState(tx, cap)
  const before = await holderSets(tx, null, cap.id)
  await repo.updateCap(tx, cap, content)
  await repo.replaceClouds(tx, cap.id, content.clouds)
  const is = await capState(tx, found(await repo.findCap(tx, cap.id)))
  const people = effectsOf(before, await holderSets(tx, null, cap.id), new Map())
  const tenants = (await repo.tenantsOf(tx, cap.id)).filter(({ status }) => status !== 'deleted')
  return inOrder([...wholes(tenants, capChanges(was, is)), ...people])
}

/**
 * Runs the change of a subtenant's base role, in the master. @returns who gains and who loses what by it: the tenant as a whole, and its
 * people @throws AppError 404 for a base role that is none
 */
export async function withBaseRole(
  tx: WriteTx,
  tenant: { id: string; name: string },
  to: string,
  apply: () => Promise<unknown>,
): Promise<Effect[]> {
  const was = await capState(tx, found(await repo.capOfTenant(tx, tenant.id)))
  const is = await capState(tx, found(await repo.findCap(tx, to)))
  const before = await tenantHolderSets(tx, tenant.id)
  await apply()
  const people = effectsOf(before, await tenantHolderSets(tx, tenant.id), new Map())
  return inOrder([...wholes([tenant], capChanges(was, is)), ...people])
}

/** @throws AppError 400 where more than its clouds and landing page is asked of a built-in one */
function assertFixed(cap: repo.CapRecord, content: Content): void {
  if (cap.builtIn === null) return
  const levels = ceilingOf(cap)
  const same = PERMISSION_NAMES.every((name) => (levels[name] ?? 'none') === (content.levels[name] ?? 'none'))
  if (!same || content.name !== cap.name || content.description !== cap.description)
    throw invalidField(
      'levels',
      'The levels of a built-in tenant role come with the version. Copy it instead.',
    )
}

async function capFor(
  now: Pick<SignedInOp, 'rights'>,
  tx: Tx,
  id: string,
  action: CapAction,
): Promise<repo.CapRecord> {
  const cap = found(await repo.findCap(tx, id))
  const refusal = refusalOf(now, cap, action)
  if (refusal) throw refusal
  return cap
}

/** Tenants that may not share any more when it is saved. */
async function sharersLost(tx: Tx, input: UpdateCap): Promise<string[]> {
  const cap = await repo.findCap(tx, input.id)
  const goes = cap?.sharing === true && input.levels !== undefined && input.levels.sharing !== 'full'
  return goes ? (await repo.tenantsOf(tx, input.id)).map(({ id }) => id) : []
}

/**
 * Changes a tenant role: what it takes away is gone in the very next request in every tenant that has it (PRODUCT rule 6).
 * @throws AppError 400, 404, 409 when somebody else changed it since `updatedAt`, or on `name`
 */
export async function updateCap(op: SignedInOp, input: UpdateCap): Promise<Ref> {
  const { partners, assertHeld } = await partnerLocks(op, (tx) => sharersLost(tx, input))
  const done = mutate(
    op,
    async (m) => {
      await assertHeld(m.tx)
      const cap = await capFor(m.fresh, m.tx, input.id, 'edit')
      if (cap.updatedAt.toISOString() !== new Date(input.updatedAt).toISOString())
        throw conflict('Somebody else changed this tenant role in the meantime. Reload it and try again.')
      const content = await readContent(m.tx, input, cap, cap.id)
      assertFixed(cap, content)
      const was = await inWords(m.tx, cap)
      const effects = await save(m.tx, cap, content)
      const states = statesOf(was, await inWords(m.tx, found(await repo.findCap(m.tx, cap.id))))
      auditEffects(
        op,
        m,
        { targetKind: 'tenant_role', targetId: cap.id, targetName: content.name, ...states },
        effects,
      )
      return { id: cap.id, name: content.name }
    },
    { exclusive: [input.id, ...partners] },
  )
  return done.catch(nameTaken)
}

/** Who would gain and who would lose what, if it were saved so (D14). @throws as updateCap */
export function previewCap(op: SignedInOp, input: PreviewCap): Promise<Effects> {
  return rehearse(op, async (tx, fresh) => {
    const cap = await capFor(fresh, tx, input.id, 'edit')
    const { name, description } = cap
    const content = await readContent(tx, { name, description, ...input }, cap, cap.id)
    assertFixed(cap, content)
    return effectsAnswer(await save(tx, cap, content))
  })
}

const MOST_NAMES = 10

/** Deletes a tenant role that no tenant has. @throws AppError 403, 404, 409 that names the tenants */
export function deleteCap(op: SignedInOp, id: string): Promise<Ref> {
  return mutate(
    op,
    async ({ tx, audit, fresh }) => {
      const cap = await capFor(fresh, tx, id, 'delete')
      const tenants = await repo.tenantsOf(tx, id)
      const names = tenants.map(({ name, status }) =>
        status === 'deleted' ? `${name} (deleted, can be restored)` : name,
      )
      const shown =
        names.length > MOST_NAMES
          ? [...names.slice(0, MOST_NAMES), `and ${names.length - MOST_NAMES} more`]
          : names
      if (names.length > 0) throw conflict(`It is in use: ${shown.join(', ')}`)
      const words = await inWords(tx, cap)
      await repo.deleteCap(tx, id)
      audit({
        targetKind: 'tenant_role',
        targetId: id,
        targetName: cap.name,
        before: statesOf(words, new Map()).before,
      })
      return { id, name: cap.name }
    },
    { exclusive: [id] },
  )
}
