import type { z } from 'zod'
import { usableAddresses } from '@/lib/resource-kinds/address'
import { kindOf } from '@/lib/resource-kinds/registry'
import { formatBytes } from '@/lib/units'
import { viewerOf } from '@/server/authz/sight'
import type { SignedInOp } from '@/server/context/op'
import { inTenant, type Tx } from '@/server/db/scope'
import * as repo from './resource-insight.repo'
import * as links from './resource-links.repo'
import type { ResourceRecord } from './resources.repo'
import type { resourceInsight } from './resources.schema'
import { findOne } from './resources.service'

type Insight = z.output<typeof resourceInsight>

const NOTHING: Insight = {
  warnings: [],
  addresses: null,
  sums: null,
  price: null,
  parameters: null,
  unseen: 0,
}

/** What follows from a resource's fields and from what is around it, by its kind. @throws AppError 404 */
export function insightOf(op: SignedInOp, kind: string, id: string): Promise<Insight> {
  return inTenant(op, async (tx) => {
    const row = await findOne(tx, op, kind, id)
    const lost = await lostReferences(tx, op, row)
    return {
      ...NOTHING,
      ...(await ofKind(tx, op, row)),
      warnings: [...lost, ...(await warnings(tx, op, row))],
    }
  })
}

async function ofKind(tx: Tx, op: SignedInOp, row: ResourceRecord): Promise<Partial<Insight>> {
  switch (row.kind) {
    case 'network':
      return { addresses: usableAddresses(typeof row.spec.cidr === 'string' ? row.spec.cidr : '') }
    case 'resource_pool':
    case 'folder':
      return { sums: await repo.sumsInside(tx, viewerOf(op), row.id) }
    case 'instance_type':
      return { price: await priceOf(tx, op, row) }
    case 'host':
    case 'bare_metal':
      return parametersOf(tx, op, row)
    default:
      return {}
  }
}

/** References that the tenant chose and may not use any more, a sentence a field. What others chose, it cannot mend. */
async function lostReferences(tx: Tx, op: SignedInOp, row: ResourceRecord): Promise<string[]> {
  if (row.ownerId !== op.tenant.id) return []
  const lost = (await links.linksOf(tx, viewerOf(op), row.id)).filter(({ name }) => name === null)
  const fields = [...new Set(lost.map(({ field }) => field))]
  return fields.map((field) => {
    const label = kindOf(row.kind)?.fields[field]?.label ?? field
    const count = lost.filter((one) => one.field === field).length
    return `${label}: ${count === 1 ? 'one is' : `${count} are`} no longer available to this tenant. Edit it to choose again.`
  })
}

async function warnings(tx: Tx, op: SignedInOp, row: ResourceRecord): Promise<string[]> {
  if (row.kind === 'blueprint') return tooSmall(await repo.referred(tx, viewerOf(op), row.id))
  if (row.kind === 'resource_pool') return overLimit(row, await repo.sumsInside(tx, viewerOf(op), row.id))
  return []
}

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0)

/** Images of a blueprint that do not fit on the disk of one of its instance types. */
function tooSmall(refs: Awaited<ReturnType<typeof repo.referred>>): string[] {
  const types = refs.filter(({ field }) => field === 'instanceTypes')
  return refs
    .filter(({ field }) => field === 'images')
    .flatMap((image) =>
      types
        .filter((type) => numberOf(image.spec.minDisk) > numberOf(type.spec.disk))
        .map(
          (type) =>
            `${image.name} needs ${formatBytes(numberOf(image.spec.minDisk))} of disk; ${type.name} has ${formatBytes(numberOf(type.spec.disk))}.`,
        ),
    )
}

function overLimit(row: ResourceRecord, sums: repo.Sums): string[] {
  const over = (name: 'cores' | 'memory' | 'disk', words: (value: number) => string) => {
    const limit = numberOf(row.spec[name])
    return limit > 0 && sums[name] > limit
      ? [`The machines in it take ${words(sums[name])}; its limit is ${words(limit)}.`]
      : []
  }
  return [
    ...over('cores', (value) => `${value} cores`),
    ...over('memory', (value) => `${formatBytes(value)} of memory`),
    ...over('disk', (value) => `${formatBytes(value)} of disk`),
  ]
}

async function priceOf(tx: Tx, op: SignedInOp, row: ResourceRecord): Promise<Insight['price']> {
  const price = (await repo.referred(tx, viewerOf(op), row.id)).find(({ field }) => field === 'price')
  if (!price) return null
  const { amount, currency, unit } = price.spec
  return typeof amount === 'number' && typeof currency === 'string' && typeof unit === 'string'
    ? { amount, currency, unit }
    : null
}

/** Effective parameters with their source; of profiles that the viewer does not see, only how many values come from there. */
async function parametersOf(tx: Tx, op: SignedInOp, row: ResourceRecord): Promise<Partial<Insight>> {
  const all = await repo.parametersOf(tx, row.id)
  const profiles = await links.linksOf(tx, viewerOf(op), row.id)
  const parameters = all.flatMap(({ name, value, profileId }) => {
    if (name === null || value === null) return []
    const source = profiles.find(({ targetId, name: seen }) => targetId === profileId && seen !== null)
    // Seen by the tenant, and not by this person: their roles do not reach it.
    if (profileId !== null && !source) return []
    return [{ name, value, profile: source ? { id: source.targetId, name: source.name ?? '' } : null }]
  })
  return { parameters, unseen: all.length - parameters.length }
}
