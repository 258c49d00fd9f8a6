import type { Facts } from './facts'
import type { Mend } from './mend'

type Draft = Omit<Mend, 'link' | 'key' | 'cost'>

/** What puts right the licence, the tenant or the person: one thing each, or two of the person. */
export function ownMends(facts: Facts, part: 'licence' | 'tenant' | 'person'): Mend[] {
  const drafts = part === 'licence' ? licence(facts) : part === 'tenant' ? tenant(facts) : person(facts)
  return drafts.map((draft) => ({ link: part, key: draft.code, cost: 1, ...draft }))
}

const licence = ({ gate }: Facts): Draft[] => [
  {
    code: gate.state === 'off' ? 'switch-on' : 'buy-licence',
    by: 'provider',
    missing: gate.state === 'off' ? 'Multi-tenancy is switched off.' : 'No licence covers multi-tenancy.',
    remedy: gate.state === 'off' ? 'Switch multi-tenancy on.' : 'Enter a licence that has multi-tenancy.',
    at: { page: 'licence' },
    apply: (all) => ({ ...all, gate: { ...all.gate, state: 'on' } }),
  },
]

const tenant = ({ tenant: { name, status } }: Facts): Draft[] => [
  {
    code: status === 'deleted' ? 'restore-tenant' : 'enable-tenant',
    by: 'provider',
    missing: `${name} is ${status}: nobody signs in there.`,
    remedy: `${status === 'deleted' ? 'Restore' : 'Enable'} ${name}.`,
    at: { page: 'tenant' },
    apply: (all) => ({ ...all, tenant: { ...all.tenant, status: 'active' } }),
  },
]

const person = ({ person: { name, active, mustChangePassword } }: Facts): Draft[] => {
  const drafts: (Draft | false)[] = [
    !active && {
      code: 'enable-user',
      by: 'tenant',
      missing: `${name}'s account is disabled.`,
      remedy: `Enable ${name}.`,
      at: { page: 'user' },
      apply: (all) => ({ ...all, person: { ...all.person, active: true } }),
    },
    mustChangePassword && {
      code: 'change-password',
      by: 'person',
      missing: `${name} has a temporary password and may do nothing until it is changed.`,
      remedy: `${name} signs in and chooses a password.`,
      at: { page: 'password' },
      apply: (all) => ({ ...all, person: { ...all.person, mustChangePassword: false } }),
    },
  ]
  return drafts.filter((one): one is Draft => one !== false)
}
