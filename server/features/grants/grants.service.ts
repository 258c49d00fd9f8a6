import type { z } from 'zod'
import { MASTER_TENANT_ID } from '@/lib/master'
import { KINDS, labelOfKind } from '@/lib/resource-kinds/registry'
import { viewerOf } from '@/server/authz/sight'
import { can, type SignedInOp } from '@/server/context/op'
import { inTenant, type Tx } from '@/server/db/scope'
import { tenantChoice, tenantChoices } from '@/server/features/tenants/tenants.service'
import { numbered, pageOf, readPosition } from '@/server/platform/cursor'
import { invalidField, notFound } from '@/server/platform/errors'
import { totals } from '@/server/platform/page-schema'
import { assertMay, mayAnswer, mayGive } from './grants.policy'
import * as repo from './grants.repo'
import type { Incoming, incomingInput, Outgoing, outgoingInput } from './grants.schema'

const DAY_MS = 86_400_000
const SOON_DAYS = 7

const daysLeft = (end: Date | null): number | null => {
  const days = end === null ? Infinity : Math.max(0, Math.floor((end.getTime() - Date.now()) / DAY_MS))
  return days < SOON_DAYS ? days : null
}

const base = (row: repo.GrantRecord) => ({
  id: row.id,
  resourceId: row.resourceId,
  kind: row.kind,
  kindLabel: labelOfKind(row.kind),
  name: row.name,
  role: row.role,
  status: row.status,
  createdAt: row.createdAt.toISOString(),
  expiresAt: row.expiresAt?.toISOString() ?? null,
  endsInDays: daysLeft(row.expiresAt),
})

type Filter = z.output<typeof incomingInput> & { resourceId?: string }

/** One page of `fetch`'s rows, with its neighbours' cursors. */
async function pageOfGrants<Row extends repo.GrantRecord & { total: bigint }>(
  op: SignedInOp,
  list: string,
  { cursor, ...filter }: Filter,
  fetch: (query: repo.GrantQuery) => Promise<Row[]>,
) {
  const scope = `${list}:${JSON.stringify(filter)}`
  const position = readPosition(op, scope, cursor)
  const fetched = await fetch({ ...filter, position })
  const { from, numberOf } = numbered(position, Math.min(fetched.length, filter.limit))
  const page = pageOf(op, scope, fetched, filter.limit, position, (row, toBack) => [
    ...repo.sortValues(row),
    numberOf(toBack),
  ])
  return { ...page, from, ...totals(Number(fetched[0]?.total ?? 0)) }
}

/** What the tenant shares with others (features E6). @throws AppError for a cursor of another list */
export function outgoing(op: SignedInOp, input: z.output<typeof outgoingInput>): Promise<Outgoing> {
  return inTenant(op, async (tx) => {
    const viewer = viewerOf(op)
    const page = await pageOfGrants(op, 'grants.outgoing', input, (query) =>
      repo.listOutgoing(tx, viewer, query),
    )
    return {
      ...page,
      rows: page.rows.map((row) => ({
        ...base(row),
        direct: row.direct,
        tenant: { id: row.tenantId, name: row.other },
      })),
      address: op.tenant.isMaster ? null : op.tenant.id,
      can: { give: mayGive(op), revoke: mayAnswer(op) },
    }
  })
}

/** Kinds that the person may look at: of others not even an offer is shown. */
export const kindsSeen = (op: SignedInOp): string[] =>
  KINDS.filter(({ permission }) => can(op, permission, 'read')).map(({ kind }) => kind)

/** What others share with the tenant, waiting ones first. @throws AppError for a cursor of another list */
export function incoming(op: SignedInOp, input: z.output<typeof incomingInput>): Promise<Incoming> {
  return inTenant(op, async (tx) => {
    const viewer = viewerOf(op)
    const kinds = kindsSeen(op)
    const page = await pageOfGrants(op, 'grants.incoming', input, (query) =>
      repo.listIncoming(tx, viewer, kinds, query),
    )
    return {
      ...page,
      rows: page.rows.map((row) => ({ ...base(row), from: row.other })),
      pending: await repo.countPending(tx, viewer, kinds),
      can: { answer: mayAnswer(op) },
    }
  })
}

/**
 * The tenant behind a sharing address, for one who may share; nobody lists or guesses tenants (attack E17).
 * @throws AppError 400 for oneself and the master, 403, 404 alike for unknown, disabled and deleted
 */
export async function findTarget(tx: Tx, op: SignedInOp, id: string): Promise<{ id: string; name: string }> {
  if (id === op.tenant.id) throw invalidField('tenantId', 'This is the sharing address of this very tenant')
  if (id === MASTER_TENANT_ID) throw invalidField('tenantId', 'Nothing is shared with the provider')
  if (op.tenant.isMaster) {
    const tenant = await tenantChoice(tx, id)
    if (tenant.status !== 'active') throw notFound()
    return { id, name: tenant.name }
  }
  const name = await repo.shareTarget(tx, id)
  if (name === null) throw notFound()
  return { id, name }
}

/** The name behind a sharing address. @throws AppError as `findTarget` */
export function target(op: SignedInOp, id: string) {
  assertMay(mayGive(op))
  return inTenant(op, (tx) => findTarget(tx, op, id))
}

/** Tenants that the master may share with, by a part of their name. */
export async function tenants(op: SignedInOp, search: string) {
  const rows = await tenantChoices(op, search)
  return { rows: rows.filter(({ id }) => id !== MASTER_TENANT_ID) }
}

export type Grant = repo.GrantRecord

/** The master's shares with one tenant, of the resources that the person reaches. */
export const givenTo = (tx: Tx, op: SignedInOp, tenantId: string): Promise<Grant[]> =>
  repo.grantsTo(tx, viewerOf(op), tenantId)
