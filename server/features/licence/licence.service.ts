import { can, type SignedInOp } from '@/server/context/op'
import { inTenant, mutate } from '@/server/db/scope'
import { licenceUsage } from '@/server/features/settings/settings.service'
import { env } from '@/server/platform/env'
import { type AppError, conflict, invalidField, notFound } from '@/server/platform/errors'
import { readKey, type KeyProblem, type LicencePayload } from './key'
import * as repo from './licence.repo'
import type { KeyContent, Licence, Licences } from './licence.schema'

/** The installation's id, and the latest time that was ever seen here; for the features that share a transaction. */
export const installation = repo.installation

const DAY_MS = 86_400_000
const CLOCK_TOLERANCE_MS = 3_600_000

/** The licences of this installation, what they give together, and what else can be had (PRODUCT rule 14). */
export async function list(op: SignedInOp): Promise<Licences> {
  const { stored, plans, install, usage } = await inTenant(op, async (tx) => ({
    stored: await repo.licences(tx),
    plans: await repo.plans(tx),
    install: await repo.installation(tx),
    usage: await licenceUsage(tx),
  }))
  const moment = Math.max(Date.now(), install.clockAt?.getTime() ?? 0)
  const mayActivate = can(op, 'settings', 'full')
  const licences = stored.map((one) => presented(one, moment, mayActivate))
  const running = licences.filter(({ status }) => status === 'running')
  const plan = running[0]?.plan ?? 'community'
  const { licence } = op.gate
  return {
    installId: install.id,
    now: {
      plan,
      planName: plans.find(({ key }) => key === plan)?.name ?? plan,
      capabilities: running.length > 0 ? (licence?.capabilities ?? []) : [],
      hosts: licence?.hostLimit ?? null,
      hostsUsed: usage.hosts,
      tenants: Math.max(0, usage.tenants - 1),
      expiresAt: running[0]?.expiresAt ?? null,
      renews: licence?.renews ?? false,
      daysLeft: running[0] ? Math.floor((Date.parse(running[0].expiresAt) - moment) / DAY_MS) : null,
      endedAt: running.length === 0 && licence ? licence.expiresAt : null,
    },
    licences,
    plans,
    takesKeys: env().LICENCE_PUBLIC_KEYS.length > 0,
    clockBehind: Date.now() < moment - CLOCK_TOLERANCE_MS ? new Date(moment).toISOString() : null,
    can: { activate: mayActivate },
    why: { activate: mayActivate ? undefined : 'Your role may see the settings, not change them' },
  }
}

function presented(one: repo.StoredLicence, moment: number, mayEnd: boolean): Licence {
  const { id, source, plan, customer, capabilities, hosts, startsAt, expiresAt, endedAt } = one
  const until = Math.min(expiresAt.getTime(), endedAt?.getTime() ?? Infinity)
  const status = statusOf(until < expiresAt.getTime(), until, startsAt.getTime(), moment)
  return {
    id,
    source,
    plan,
    customer,
    capabilities,
    hosts,
    startsAt: startsAt.toISOString(),
    expiresAt: new Date(until).toISOString(),
    status,
    can: { end: mayEnd && source !== 'stripe' && (status === 'running' || status === 'future') },
  }
}

function statusOf(cut: boolean, until: number, from: number, moment: number): Licence['status'] {
  if (until <= moment) return cut ? 'ended' : 'expired'
  return from > moment ? 'future' : 'running'
}

/** What a key holds, for somebody who is about to activate it. @throws AppError 400 with what is wrong with it */
export async function readLicenceKey(op: SignedInOp, text: string): Promise<KeyContent> {
  const { stored, install } = await inTenant(op, async (tx) => ({
    stored: await repo.licences(tx),
    install: await repo.installation(tx),
  }))
  const payload = payloadOf(text, install.id)
  const { customer, plan, capabilities, hosts, startsAt, expiresAt, supersedes } = payload
  const now = Date.now()
  const gone = stored.filter(
    ({ keyId, endedAt }) => keyId && !(endedAt && endedAt.getTime() <= now) && supersedes.includes(keyId),
  )
  return { customer, plan, capabilities, hosts, startsAt, expiresAt, supersedes: gone.length }
}

/**
 * Activates a licence key: what it gives holds from the next request on, beside what runs already.
 * @throws AppError 400 with what is wrong with it; 409: activated already, superseded, or the server's clock is behind
 */
export async function activate(op: SignedInOp, text: string): Promise<{ id: string }> {
  return mutate(op, async ({ tx, audit }) => {
    const payload = payloadOf(text, (await repo.installation(tx)).id)
    const added = await repo.add(tx, payload)
    if (added.code !== 'ok') throw refused(added.code)
    const { id: keyId, customer, plan, capabilities, hosts, startsAt, expiresAt } = payload
    audit({
      targetKind: 'licence',
      targetId: added.id,
      targetName: `Licence key for ${customer}`,
      after: { keyId, plan, capabilities, hosts, startsAt, expiresAt, ended: added.ended },
    })
    return { id: added.id }
  })
}

/** Ends a licence key, or the trial, before its time; a subscription ends at Stripe. @throws AppError 404 */
export async function end(op: SignedInOp, id: string): Promise<{ id: string }> {
  return mutate(op, async ({ tx, audit }) => {
    const one = (await repo.licences(tx)).find((row) => row.id === id)
    if (!one || !(await repo.end(tx, id))) throw notFound()
    audit({
      targetKind: 'licence',
      targetId: id,
      targetName: one.source === 'trial' ? 'Trial' : `Licence key for ${one.customer}`,
      before: {
        plan: one.plan,
        capabilities: one.capabilities,
        hosts: one.hosts,
        expiresAt: one.expiresAt.toISOString(),
      },
    })
    return { id }
  })
}

const PROBLEM: Record<KeyProblem, string> = {
  form: 'This is no licence key. One begins with FREEHOLD1 and has two points in it; copy all of it.',
  signature: 'This key is not signed by a publisher that this server knows, or it was changed on its way.',
  content:
    'The publisher signed something that this version cannot read. Update Freehold, or ask for another key.',
}

/** @throws AppError 400 */
function payloadOf(text: string, installId: string): LicencePayload {
  const trusted = env().LICENCE_PUBLIC_KEYS
  if (trusted.length === 0)
    throw invalidField(
      'key',
      'This server knows no publisher of licence keys: LICENCE_PUBLIC_KEYS is not set.',
    )
  const result = readKey(text, trusted)
  if ('problem' in result) throw invalidField('key', PROBLEM[result.problem])
  if (result.payload.install !== installId)
    throw invalidField(
      'key',
      'This key is for another installation. Keys are issued to the installation id shown here.',
    )
  return result.payload
}

function refused(code: Exclude<repo.Added['code'], 'ok'>): AppError {
  switch (code) {
    case 'expired':
      return invalidField('key', 'This key has expired.')
    case 'superseded':
      return conflict('A newer key has taken the place of this one.')
    case 'known':
      return conflict('This key is activated already.')
    case 'clock':
      return conflict("The server's clock is behind what it was before. Set it right, then activate the key.")
  }
}
