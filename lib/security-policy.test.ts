import fc from 'fast-check'
import { expect, it } from 'vitest'
import { POLICY_BOUNDS, type SecurityPolicy, strictest, WEAKEST, weakerThan } from '@/lib/security-policy'

const within = ({ min, max }: { min: number; max: number }) => fc.integer({ min, max })
const policies: fc.Arbitrary<SecurityPolicy> = fc.record({
  secondFactor: fc.constantFrom('off' as const, 'all' as const),
  passwordMin: within(POLICY_BOUNDS.passwordMin),
  passwordMaxDays: within(POLICY_BOUNDS.passwordMaxDays),
  lockoutAttempts: within(POLICY_BOUNDS.lockoutAttempts),
  idleMinutes: within(POLICY_BOUNDS.idleMinutes),
  sessionHours: within(POLICY_BOUNDS.sessionHours),
})

it('is never weaker than either, and nothing else than one of the two in each field', () => {
  fc.assert(
    fc.property(policies, policies, (a, b) => {
      const both = strictest(a, b)
      expect([weakerThan(both, a), weakerThan(both, b)]).toEqual([[], []])
      for (const field of Object.keys(both) as (keyof SecurityPolicy)[])
        expect([a[field], b[field]]).toContain(both[field])
      expect(strictest(b, a)).toEqual(both)
      expect(strictest(both, a)).toEqual(both)
      expect(strictest(a, WEAKEST)).toEqual(a)
    }),
  )
})

it('names what asks for less', () => {
  const floor = { ...WEAKEST, secondFactor: 'all' as const, passwordMaxDays: 90, lockoutAttempts: 5 }
  expect(weakerThan({ ...WEAKEST, lockoutAttempts: 3 }, floor)).toEqual(['secondFactor', 'passwordMaxDays'])
  expect(weakerThan({ ...floor, passwordMaxDays: 91 }, floor)).toEqual(['passwordMaxDays'])
  expect(weakerThan({ ...floor, passwordMaxDays: 30 }, floor)).toEqual([])
  expect(weakerThan(floor, floor)).toEqual([])
})
