import { MASTER_TENANT_ID } from '@/lib/master'
import { can, type SignedInOp } from '@/server/context/op'
import type { People, Subject } from '@/server/features/users/users.policy'
import { AppError, conflict, denied, notFound } from '@/server/platform/errors'

const WORDS = {
  master: 'Nobody acts as a user of the master tenant',
  self: 'Nobody acts as themselves',
  permission: 'Your role may not impersonate',
  elsewhere: 'This person’s account belongs to another tenant: impersonate them there',
  disabled: 'This user is disabled',
  password: 'This user has not chosen a password of their own yet',
} as const

/** Why a user of the list cannot be impersonated; null: their row does not stand in the way. Their tenant may still do. */
export function impersonateRefusal(
  { op, tenantId, giver }: People,
  user: Subject & { mustChange: boolean | null },
): string | null {
  if (!giver.provider) return WORDS.permission
  if (!can(op, 'impersonate', 'full')) return WORDS.permission
  if (user.homeTenantId !== tenantId) return WORDS.elsewhere
  if (user.status !== 'active') return WORDS.disabled
  return user.mustChange === false ? null : WORDS.password
}

/** What no id of a subtenant's user can be. @throws AppError 403 (attack F03) */
export function assertElsewhere(op: SignedInOp, whom: { tenantId: string; userId: string }): void {
  if (whom.tenantId === MASTER_TENANT_ID) throw denied(WORDS.master)
  if (whom.userId === op.actor.userId) throw denied(WORDS.self)
}

/** Answers of wall.impersonation_begin that refuse. */
export type BeginCode =
  | 'session'
  | 'nested'
  | 'unknown'
  | 'tenant'
  | 'disabled'
  | 'password'
  | 'never'
  | 'consent'
  | 'needless'
  | 'pending'
  | 'running'

const REFUSALS: Record<BeginCode, () => AppError> = {
  session: () => new AppError('unauthenticated', 'Sign in again'),
  nested: () => denied('Quit impersonating first: one does not begin inside another'),
  unknown: notFound,
  tenant: () => denied('This tenant is disabled: nobody gets in'),
  disabled: () => denied(WORDS.disabled),
  password: () => denied(WORDS.password),
  never: () => denied('This tenant does not let its provider in'),
  consent: () => denied('This tenant wants to be asked first. Ask, and start once an administrator agrees.'),
  needless: () => conflict('This tenant lets its provider in without being asked'),
  pending: () => conflict('You have asked already. An administrator of the tenant has not answered yet.'),
  running: () => denied('You are impersonating somebody already. Quit that first: one at a time.'),
}

/** The refusal in words. */
export const refusalOf = (code: BeginCode): AppError => REFUSALS[code]()
