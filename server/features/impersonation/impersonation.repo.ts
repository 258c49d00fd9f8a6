import type { Tx, WriteTx } from '@/server/db/scope'
import type { BeginCode } from './impersonation.policy'
import type { Policy, RequestInput } from './impersonation.schema'

type Begun = { code: 'ok'; id: string } | { code: BeginCode; id?: string }

/** Begins one, or asks for one, as the provider at work in the tenant. */
export async function begin(tx: WriteTx, ask: boolean, input: RequestInput, from: string): Promise<Begun> {
  const { userId, reason, minutes, readOnly } = input
  const [row] = await tx.$queryRaw<{ value: Begun }[]>`
    select wall.impersonation_begin(${ask}, ${userId}::uuid, ${reason}, ${minutes}::int, ${readOnly}, ${from}) as value`
  return row?.value ?? { code: 'unknown' }
}

/** One that was begun or asked for. */
export function findById(tx: Tx, tenantId: string, id: string) {
  return tx.impersonation.findFirstOrThrow({
    where: { id, tenantId },
    select: { subjectName: true, reason: true, minutes: true, readOnly: true },
  })
}

/** How the provider gets into a subtenant: its own word, or its cap's. */
export async function policyOf(tx: Tx, tenantId: string): Promise<Policy> {
  const [row] = await tx.$queryRaw<
    { value: Policy }[]
  >`select wall.provider_access_of(${tenantId}::uuid) as value`
  return row?.value ?? 'never'
}

/** The person's latest request about a user since `since` that was not used. */
export function findRequest(
  tx: Tx,
  actorId: string,
  whom: { tenantId: string; userId: string },
  since: Date,
) {
  return tx.impersonation.findFirst({
    where: {
      actorId,
      tenantId: whom.tenantId,
      subjectId: whom.userId,
      asked: true,
      startedAt: null,
      createdAt: { gt: since },
    },
    select: { id: true, createdAt: true, approved: true, reason: true, minutes: true, readOnly: true },
    orderBy: { createdAt: 'desc' },
  })
}

/** What the person has under way; null: nothing. */
export async function findRunning(tx: Tx, actorId: string) {
  const rows = await tx.$queryRaw<
    { id: string; tenantId: string }[]
  >`select id, tenant_id as "tenantId" from wall.impersonation_running(${actorId}::uuid)`
  const [where] = rows
  if (!where) return null
  return tx.impersonation.findFirst({
    where,
    select: {
      id: true,
      tenantId: true,
      subjectId: true,
      subjectName: true,
      endsAt: true,
      tenant: { select: { name: true, slug: true } },
    },
  })
}

/** Ends one's own. False: it was over. */
export async function leave(tx: WriteTx, id: string): Promise<boolean> {
  const [row] = await tx.$queryRaw<
    { value: boolean }[]
  >`select wall.impersonation_leave(${id}::uuid) as value`
  return row?.value ?? false
}
