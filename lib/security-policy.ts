/** What a tenant asks of passwords, sign-ins and sessions. */
export interface SecurityPolicy {
  /** Whether everybody has to have a second factor. */
  secondFactor: 'off' | 'all'
  /** Characters. */
  passwordMin: number
  /** Days until a password has to be changed; 0: never. */
  passwordMaxDays: number
  /** Wrong passwords in 15 minutes, an account. */
  lockoutAttempts: number
  /** Minutes without use until a session ends. */
  idleMinutes: number
  /** Hours until a session ends in any case. */
  sessionHours: number
}

/** The safe bounds of each number; the weakest is what a new installation has. */
export const POLICY_BOUNDS = {
  passwordMin: { min: 12, max: 20 },
  passwordMaxDays: { min: 0, max: 730 },
  lockoutAttempts: { min: 3, max: 10 },
  idleMinutes: { min: 5, max: 30 },
  sessionHours: { min: 1, max: 12 },
} as const

export const WEAKEST: SecurityPolicy = {
  secondFactor: 'off',
  passwordMin: 12,
  passwordMaxDays: 0,
  lockoutAttempts: 10,
  idleMinutes: 30,
  sessionHours: 12,
}

const sooner = (a: number, b: number): number => (a === 0 ? b : b === 0 ? a : Math.min(a, b))

/** The stricter of two, field by field: what counts where both hold. wall.policy_of says the same in SQL. */
export function strictest(a: SecurityPolicy, b: SecurityPolicy): SecurityPolicy {
  return {
    secondFactor: a.secondFactor === 'all' || b.secondFactor === 'all' ? 'all' : 'off',
    passwordMin: Math.max(a.passwordMin, b.passwordMin),
    passwordMaxDays: sooner(a.passwordMaxDays, b.passwordMaxDays),
    lockoutAttempts: Math.min(a.lockoutAttempts, b.lockoutAttempts),
    idleMinutes: Math.min(a.idleMinutes, b.idleMinutes),
    sessionHours: Math.min(a.sessionHours, b.sessionHours),
  }
}

/** The fields in which a policy asks for less than the floor: the master's own settings are the floor for all subtenants. */
export function weakerThan(policy: SecurityPolicy, floor: SecurityPolicy): (keyof SecurityPolicy)[] {
  const held = strictest(policy, floor)
  return (Object.keys(held) as (keyof SecurityPolicy)[]).filter((field) => held[field] !== policy[field])
}
