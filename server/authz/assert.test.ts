import { describe, expect, it } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { assertAllowed } from '@/server/authz/assert'
import { assertGate, type Gate, gateOf, type LicenceState } from '@/server/authz/gate'
import { effectiveRights } from '@/server/authz/rights'
import type { OpContext } from '@/server/context/op'
import { AppError } from '@/server/platform/errors'
import type { Declaration } from '@/server/rpc/declaration'

const gate = (state: Gate['state']): Gate => ({ state, source: 'toggle', licence: null })
const declared = (more: Partial<Declaration>): Declaration => ({
  scope: 'tenant',
  audit: 'none',
  summary: 'x',
  ...more,
})
const HOSTS = declared({ permission: ['hosts', 'read'] })

/** Ada of Acme, who may read hosts; what a case changes of her. */
function op(more: Record<string, unknown> = {}, tenant: object = {}, actor: object = {}) {
  const role = { builtIn: null, levels: { hosts: 'read' as const }, access: {}, scope: '' }
  return {
    gate: gate('on'),
    tenant: { id: 'acme', status: 'active', isMaster: false, ...tenant },
    actor: { userId: 'ada', mustChangePassword: false, ...actor },
    session: { id: 's' },
    rights: effectiveRights([role], null),
    ...more,
  } as unknown as OpContext
}
const codeOf = (work: () => void): string => {
  try {
    work()
    return 'allowed'
  } catch (error) {
    return error instanceof AppError ? error.code : String(error)
  }
}
const of = (context: OpContext, declaration: Declaration) => codeOf(() => assertAllowed(context, declaration))

describe('the one place that decides (rule 14)', () => {
  const MASTER = { id: MASTER_TENANT_ID }
  it.each<[string, OpContext, Declaration, string]>([
    ['who may', op(), HOSTS, 'allowed'],
    ['nobody', op({ actor: null }), HOSTS, 'unauthenticated'],
    ['without a session', op({ session: null }), HOSTS, 'unauthenticated'],
    ['without a tenant', op({ tenant: null }), HOSTS, 'unauthenticated'],
    [
      'nobody, where anybody may',
      op({ actor: null, session: null }),
      declared({ scope: 'public' }),
      'allowed',
    ],
    ['an agent', op({ actor: null, session: null }), declared({ scope: 'agent' }), 'allowed'],
    ['in a suspended tenant', op({}, { status: 'disabled' }), HOSTS, 'org_suspended'],
    ['in a subtenant, multi-tenancy off', op({ gate: gate('off') }), HOSTS, 'feature_disabled'],
    ['in the master, multi-tenancy off', op({ gate: gate('off') }, MASTER), HOSTS, 'allowed'],
    [
      'a subtenant, what is the master’s',
      op(),
      declared({ scope: 'master', permission: ['hosts', 'read'] }),
      'access_denied',
    ],
    [
      'the master, what is its own',
      op({}, MASTER),
      declared({ scope: 'master', permission: ['hosts', 'read'] }),
      'allowed',
    ],
    [
      'growth, the licence over',
      op({ gate: gate('expired') }, MASTER),
      declared({ licence: 'grow' }),
      'license_required',
    ],
    ['use, the licence over', op({ gate: gate('expired') }, MASTER), declared({ licence: 'use' }), 'allowed'],
    ['with too low a level', op(), declared({ permission: ['hosts', 'full'] }), 'access_denied'],
    ['an old password', op({}, {}, { mustChangePassword: true }), HOSTS, 'access_denied'],
    [
      'an old password, for oneself',
      op({}, {}, { mustChangePassword: true }),
      declared({ scope: 'self' }),
      'allowed',
    ],
  ])('%s', (_title, context, declaration, answer) => {
    expect(of(context, declaration)).toBe(answer)
  })
})

describe('the gate', () => {
  const licence = (capabilities: string[], expired = false) => ({ capabilities, expired }) as LicenceState
  it('comes from the environment before the toggle, and from the licence', () => {
    const state = (...args: Parameters<typeof gateOf>) => gateOf(...args).state
    expect(state(undefined, false, licence(['multi_tenant']))).toBe('off')
    expect(state(false, true, licence(['multi_tenant']))).toBe('off')
    expect(state(true, false, licence(['multi_tenant']))).toBe('on')
    expect(state(undefined, true, null)).toBe('unlicensed')
    expect(state(undefined, true, licence(['something']))).toBe('unlicensed')
    expect(state(undefined, true, licence(['multi_tenant'], true))).toBe('expired')
  })

  it('refuses use and growth in its own words', () => {
    const answers = (['on', 'off', 'unlicensed', 'expired'] as const).map((state) =>
      (['use', 'grow'] as const).map((need) => codeOf(() => assertGate(gate(state), need))),
    )
    expect(answers).toEqual([
      ['allowed', 'allowed'],
      ['feature_disabled', 'feature_disabled'],
      ['license_required', 'license_required'],
      ['allowed', 'license_required'],
    ])
  })
})
