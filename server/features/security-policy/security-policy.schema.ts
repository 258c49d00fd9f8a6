import { z } from 'zod'
import { POLICY_BOUNDS } from '@/lib/security-policy'

const whole = ({ min, max }: { min: number; max: number }) =>
  z.int('Enter a whole number.').min(min, `Enter ${min} to ${max}.`).max(max, `Enter ${min} to ${max}.`)

export const securityPolicy = z.strictObject({
  secondFactor: z.enum(['off', 'all']),
  passwordMin: whole(POLICY_BOUNDS.passwordMin),
  passwordMaxDays: whole(POLICY_BOUNDS.passwordMaxDays),
  lockoutAttempts: whole(POLICY_BOUNDS.lockoutAttempts),
  idleMinutes: whole(POLICY_BOUNDS.idleMinutes),
  sessionHours: whole(POLICY_BOUNDS.sessionHours),
})

export const policyState = z.strictObject({
  /** What holds in this tenant. */
  policy: securityPolicy,
  /** The least that the master asks of every tenant; null in the master itself. */
  floor: securityPolicy.nullable(),
  can: z.strictObject({ set: z.boolean() }),
  why: z.strictObject({
    set: z.string().optional(),
    /** Why a second factor cannot be asked of everybody by this person yet. */
    requireFactor: z.string().optional(),
  }),
})
export type PolicyState = z.output<typeof policyState>

export const policySaved = policyState.extend({ sessionsEnded: z.int() })
