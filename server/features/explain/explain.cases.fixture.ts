import { CLOUD, ELSEWHERE, FINE, GROUP, type Situation, THING } from './situation.fixture'

type Asked = 'see' | 'edit' | 'delete'

/** Situations in which Tom may do it. */
export const GOOD: { name: string; verb: Asked; s: Situation }[] = [
  { name: 'own, see', verb: 'see', s: FINE },
  { name: 'own, edit', verb: 'edit', s: FINE },
  { name: 'own, delete', verb: 'delete', s: FINE },
  { name: 'assigned, see', verb: 'see', s: { ...FINE, owner: 'M' } },
  { name: 'public, see', verb: 'see', s: { ...FINE, owner: 'M', assigned: 'M', visibility: 'public' } },
  {
    name: 'public in a cloud, see',
    verb: 'see',
    s: {
      ...FINE,
      owner: 'M',
      assigned: 'M',
      visibility: 'public',
      cloud: { public: true, offered: 'full', added: true },
    },
  },
  {
    name: 'shared, see',
    verb: 'see',
    s: { ...FINE, owner: 'M', assigned: 'M', grant: { role: 'viewer', status: 'live', ended: false } },
  },
  {
    name: 'shared, edit',
    verb: 'edit',
    s: { ...FINE, owner: 'M', assigned: 'M', grant: { role: 'editor', status: 'live', ended: false } },
  },
  {
    name: 'all of its kind shared, see',
    verb: 'see',
    s: { ...FINE, owner: 'M', assigned: 'M', all: { role: 'viewer', status: 'live', ended: false } },
  },
  {
    name: 'all of its kind shared, edit',
    verb: 'edit',
    s: { ...FINE, owner: 'M', assigned: 'M', all: { role: 'editor', status: 'live', ended: false } },
  },
  { name: 'own instance type, edit', verb: 'edit', s: { ...FINE, kind: 'instance_type' } },
]

interface Defect {
  name: string
  link: string
  /** Remedies of which one is to be named. */
  codes: string[]
  /** The situation with the defect; null where it is none there. */
  spoil: (s: Situation, verb: Asked) => Situation | null
}

const bySight = (name: string, link: string, codes: string[], spoil: Defect['spoil']): Defect => ({
  name,
  link,
  codes,
  spoil,
})
const byRole = (
  name: string,
  codes: string[],
  change: (s: Situation, verb: Asked) => Partial<Situation['role']> | null,
): Defect => ({
  name,
  link: 'role',
  codes,
  spoil: (s, verb) => {
    const role = change(s, verb)
    return role && { ...s, role: { ...s.role, ...role } }
  },
})

/** One thing each that is wrong, and what is to be said of it. */
export const DEFECTS: Defect[] = [
  bySight('multi-tenancy off', 'licence', ['switch-on'], (s) => ({ ...s, licence: 'off' })),
  bySight('no licence', 'licence', ['buy-licence'], (s) => ({ ...s, licence: 'none' })),
  bySight('tenant disabled', 'tenant', ['enable-tenant'], (s) => ({ ...s, tenant: 'disabled' })),
  bySight('person disabled', 'person', ['enable-user'], (s) => ({ ...s, user: 'disabled' })),
  bySight('password to be changed', 'person', ['change-password'], (s) => ({ ...s, mustChange: true })),

  bySight('not assigned', 'assignment', ['assign'], (s) =>
    s.owner === 'M' && s.assigned === 'A' ? { ...s, assigned: 'M' } : null,
  ),
  bySight('assigned to another', 'assignment', ['assign'], (s) =>
    s.owner === 'M' && s.assigned === 'A' ? { ...s, assigned: 'B' } : null,
  ),
  bySight(
    'cloud not granted',
    'cloud',
    ['offer-cloud'],
    (s) => s.cloud && { ...s, cloud: { ...s.cloud, offered: 'none' } },
  ),
  bySight(
    'cloud not added',
    'cloud',
    ['add-cloud'],
    (s) => s.cloud && { ...s, cloud: { ...s.cloud, added: false } },
  ),
  bySight(
    'cloud private',
    'cloud',
    ['publish-cloud'],
    (s) => s.cloud && { ...s, cloud: { ...s.cloud, public: false } },
  ),
  ...(['grant', 'all'] as const).flatMap((field) => {
    const of = field === 'grant' ? '' : '-all'
    const spoil = (change: object) => (s: Situation) =>
      s[field] && { ...s, [field]: { ...s[field], ...change } }
    return [
      bySight(`share (${field}) waits`, 'share', [`accept-share${of}`], spoil({ status: 'pending' })),
      bySight(`share (${field}) rests`, 'share', [`resume-share${of}`], spoil({ status: 'suspended' })),
      bySight(`share (${field}) is over`, 'share', [`renew-share${of}`], spoil({ ended: true })),
      bySight(`share (${field}) is to look at`, 'share', [`raise-share${of}`], (s, verb) =>
        verb === 'edit' ? spoil({ role: 'viewer' })(s) : null,
      ),
    ]
  }),

  bySight('cap none', 'cap', ['raise-cap'], (s) => ({ ...s, cap: 'none' })),
  bySight('cap read', 'cap', ['raise-cap'], (s, verb) => (verb === 'see' ? null : { ...s, cap: 'read' })),
  bySight('cap user', 'cap', ['raise-cap'], (s) => ({ ...s, cap: 'user' })),

  byRole('level none', ['raise-level'], () => ({ level: 'none' })),
  byRole('level read', ['raise-level'], (_s, verb) => (verb === 'see' ? null : { level: 'read' })),
  byRole('level user', ['raise-level'], () => ({ level: 'user' })),
  byRole('ended', ['renew-role'], () => ({ ended: true })),
  byRole('scope of another cloud', ['widen-scope'], () => ({ scope: `cloud:${ELSEWHERE}` })),
  byRole('scope of another resource', ['widen-scope'], () => ({ scope: `resource:${ELSEWHERE}` })),
  byRole('scope of a group', ['join-group'], () => ({ scope: `group:${GROUP}` })),
  byRole('scope of a tag', ['add-tag'], () => ({ scope: 'tag:explained' })),
  byRole(
    'cloud cut none',
    ['cloud-access'],
    (s) => s.cloud && { access: { clouds: { default: 'full', entries: { [CLOUD]: 'none' } } } },
  ),
  byRole('type cut', ['type-access'], (s, verb) =>
    s.kind === 'instance_type' && verb === 'edit'
      ? { access: { instanceTypes: { default: 'read', entries: {} } } }
      : null,
  ),
  byRole('entry none', ['entry'], (s) => ({
    access: { resources: [{ id: THING, kind: s.kind, access: 'none' }] },
  })),
  byRole('entry read', ['entry'], (s, verb) =>
    verb === 'see' ? null : { access: { resources: [{ id: THING, kind: s.kind, access: 'read' }] } },
  ),
  byRole('claim on another', ['claim-object'], (s) => ({
    level: 'none',
    access: { claims: [{ kinds: [s.kind], actions: ['*'], resources: [ELSEWHERE] }] },
  })),
  byRole('claim without the action', ['claim-action'], (s, verb) =>
    verb === 'see'
      ? null
      : {
          level: 'none',
          access: { claims: [{ kinds: [s.kind], actions: ['list', 'get'], resources: ['*'] }] },
        },
  ),
  byRole('level group, not in the group', ['join-group'], () => ({
    level: 'group',
    access: { groups: { default: 'none', entries: { [GROUP]: 'full' } } },
  })),
  {
    name: 'level group, group not reached',
    link: 'role',
    codes: ['group-access'],
    spoil: (s) => ({ ...s, inGroup: true, role: { ...s.role, level: 'group' } }),
  },
]
