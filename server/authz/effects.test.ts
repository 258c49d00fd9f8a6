import { describe, expect, it } from 'vitest'
import type { StoredAccess } from '@/lib/access'
import { effectLines } from '@/lib/effects'
import type { Levels } from '@/lib/permissions'
import { ceilingChanges, effectsOf, type Holder } from '@/server/authz/effects'
import type { HeldRole } from '@/server/authz/reach'

const names = new Map([
  ['c', 'Cloud One'],
  ['g', 'Staging'],
  ['h', 'web-01'],
])
const role = (levels: Levels, access: StoredAccess = {}, scope = ''): HeldRole => ({
  builtIn: null,
  levels,
  access,
  scope,
})
const holder = (key: string, roles: HeldRole[], more: Partial<Holder> = {}): Holder => ({
  ...{ key, tenantId: 'a', tenant: 'Acme', who: key, count: 1, roles, cap: null },
  ...more,
})
const lines = (before: Holder[], after: Holder[]) => effectLines(effectsOf(before, after, names))

describe('who gains and who loses what', () => {
  it('says levels, and counts who has the same line', () => {
    const before = [
      holder('Tom', [role({ hosts: 'read', users: 'read' })]),
      holder('Eve', [role({ hosts: 'read' })]),
    ]
    const after = [holder('Tom', [role({ hosts: 'full' })]), holder('Eve', [role({ hosts: 'full' })])]
    expect(lines(before, after)).toEqual([
      'Acme: Tom loses Users: read → none',
      'Acme: 2 people gain Hosts: read → full',
    ])
  })

  it('says nothing of what another role gives just as well', () => {
    const other = role({ hosts: 'full' })
    expect(lines([holder('Tom', [other, role({ hosts: 'read' })])], [holder('Tom', [other])])).toEqual([])
  })

  it('says levels in a scope where they are beyond those of the tenant', () => {
    const whole = role({ hosts: 'read' })
    expect(
      lines([holder('Tom', [whole])], [holder('Tom', [whole, role({ hosts: 'full' }, {}, 'group:g')])]),
    ).toEqual(['Acme: Tom gains Hosts in group Staging: read → full'])
  })

  it('cuts by the cap, before and after', () => {
    const cap = (hosts: 'read' | 'full') => ({
      cap: { builtIn: null, levels: { hosts } },
      who: null,
      count: 12,
    })
    const held = [role({ hosts: 'full' })]
    expect(lines([holder('x', held, cap('read'))], [holder('x', held, cap('full'))])).toEqual([
      'Acme: 12 people gain Hosts: read → full',
    ])
  })

  it('says clouds, groups, single resources and claims', () => {
    const before = [
      holder('Tom', [
        role({ hosts: 'group' }, { claims: [{ kinds: ['host'], actions: ['update'], resources: ['h'] }] }),
      ]),
    ]
    const after = [
      holder('Tom', [
        role(
          { hosts: 'group' },
          {
            clouds: { default: 'full', entries: { c: 'read' } },
            groups: { default: 'none', entries: { g: 'full' } },
            resources: [{ id: 'h', kind: 'host', access: 'none' }],
          },
        ),
      ]),
    ]
    expect(lines(before, after)).toEqual([
      'Acme: Tom loses claim: update on hosts (web-01)',
      'Acme: Tom loses Cloud Cloud One: full → read',
      'Acme: Tom loses Host web-01: read → none',
      'Acme: Tom gains Group Staging: none → full',
    ])
  })

  it('tells a rule that comes or goes with its level by the level alone', () => {
    const clouds = { clouds: { default: 'read', entries: { c: 'full' } } } as const
    const groups = { groups: { default: 'none', entries: { g: 'full' } } } as const
    const [none, some] = [[], [role({ hosts: 'group' }, { ...clouds, ...groups })]]
    const level = ['Hosts: none → groups']
    expect(lines([holder('Tom', none)], [holder('Tom', some)])).toEqual(
      level.map((words) => `Acme: Tom gains ${words}`),
    )
    expect(lines([holder('Tom', some)], [holder('Tom', none)])).toEqual([
      'Acme: Tom loses Hosts: groups → none',
    ])
  })

  it('says of clouds what they cut from any level', () => {
    const to = (c: 'read' | 'full') => [
      role({ hosts: 'full' }, { clouds: { default: 'full', entries: { c } } }),
    ]
    expect(lines([holder('Tom', to('full'))], [holder('Tom', to('read'))])).toEqual([
      'Acme: Tom loses Cloud Cloud One: full → read',
    ])
  })

  it('says of groups nothing where no level goes by them', () => {
    const to = (g: 'read' | 'full') => [
      role({ hosts: 'full' }, { groups: { default: 'none', entries: { g } } }),
    ]
    expect(lines([holder('Tom', to('read'))], [holder('Tom', to('full'))])).toEqual([])
  })

  it('says what a ceiling changes, and nothing else', () => {
    const before = { builtIn: null, levels: { hosts: 'full', users: 'read' } } as const
    const after = { builtIn: null, levels: { hosts: 'full', users: 'none', audit: 'read' } } as const
    expect(ceilingChanges(before, after)).toEqual([
      { change: 'loses', what: 'Users: read → none' },
      { change: 'gains', what: 'Audit log: none → read' },
    ])
  })
})
