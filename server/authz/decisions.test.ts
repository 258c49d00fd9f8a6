import { describe, expect, it } from 'vitest'
import type { StoredAccess } from '@/lib/access'
import type { Levels } from '@/lib/permissions'
import { mayCreate, reachOf, type ReachRow, verbsOn } from '@/server/authz/reach'
import { extentOf } from '@/server/authz/reach-sql'
import { mayRename, type RelationRow, relationOf, verbsOfRelation } from '@/server/authz/relation'

const ME = 'tom'
const reach = (levels: Levels, access: StoredAccess = {}, scope = '', cap?: Levels) =>
  reachOf('acme', ME, [{ builtIn: null, levels, access, scope }], cap ? { builtIn: null, levels: cap } : null)
const claim = (actions: string[], kinds = ['host'], resources = ['*']): StoredAccess =>
  ({ claims: [{ kinds, actions, resources }] }) as StoredAccess
const row = (more: Partial<ReachRow> = {}): ReachRow => ({
  id: 'h1',
  kind: 'host',
  cloudId: null,
  createdBy: null,
  groups: [],
  tags: [],
  ...more,
})

describe('who may make something new', () => {
  it.each<[string, Levels, StoredAccess, string, string | null, boolean]>([
    ['full', { hosts: 'full' }, {}, '', null, true],
    ['own', { hosts: 'user' }, {}, '', null, true],
    ['groups', { hosts: 'group' }, {}, '', null, true],
    ['read', { hosts: 'read' }, {}, '', null, false],
    ['nothing', {}, {}, '', null, false],
    ['another permission', { networks: 'full' }, {}, '', null, false],
    ['in a group only', { hosts: 'full' }, {}, 'group:g1', null, false],
    ['by a tag only', { hosts: 'full' }, {}, 'tag:t1', 'c1', false],
    ['of one resource only', { hosts: 'full' }, {}, 'resource:c1', 'c1', false],
    ['in this cloud', { hosts: 'full' }, {}, 'cloud:c1', 'c1', true],
    ['in another cloud', { hosts: 'full' }, {}, 'cloud:c2', 'c1', false],
    ['in a cloud, asked for none', { hosts: 'full' }, {}, 'cloud:c1', null, false],
    [
      'where the cloud is cut',
      { hosts: 'full' },
      { clouds: { default: 'full', entries: { c1: 'read' } } },
      '',
      'c1',
      false,
    ],
    [
      'beside the cloud that is cut',
      { hosts: 'full' },
      { clouds: { default: 'full', entries: { c1: 'read' } } },
      '',
      'c2',
      true,
    ],
    ['by a claim', {}, claim(['create']), '', null, true],
    ['by a claim of everything', {}, claim(['*'], ['*']), '', null, true],
    ['by a claim of something else', {}, claim(['update', 'delete']), '', null, false],
    ['by a claim on another kind', {}, claim(['create'], ['network']), '', null, false],
    ['by a claim on single things', {}, claim(['create'], ['host'], ['h1']), '', null, false],
  ])('%s', (_title, levels, access, scope, cloud, may) => {
    expect(mayCreate(reach(levels, access, scope), 'host', cloud)).toBe(may)
  })

  it('not what there is no kind of', () => {
    expect(mayCreate(reach({ hosts: 'full' }, claim(['*'], ['*'])), 'no such kind', null)).toBe(false)
  })

  it('never above the cap, by level or by claim', () => {
    for (const access of [{}, claim(['create'])]) {
      expect(mayCreate(reach({ hosts: 'full' }, access, '', { hosts: 'read' }), 'host', null)).toBe(false)
      expect(mayCreate(reach({ hosts: 'full' }, access, '', {}), 'host', null)).toBe(false)
      expect(mayCreate(reach({ hosts: 'full' }, access, '', { hosts: 'user' }), 'host', null)).toBe(true)
    }
  })
})

describe('what a person may do with a row', () => {
  const verbs = (levels: Levels, more: Partial<ReachRow> = {}, access: StoredAccess = {}, cap?: Levels) =>
    [...verbsOn(reach(levels, access, '', cap), row(more))].sort()
  const ALL = ['act', 'delete', 'edit', 'see']

  it('by level', () => {
    expect(verbs({})).toEqual([])
    expect(verbs({ hosts: 'read' })).toEqual(['see'])
    expect(verbs({ hosts: 'full' })).toEqual(ALL)
    expect(verbs({ hosts: 'user' })).toEqual([])
    expect(verbs({ hosts: 'user' }, { createdBy: ME })).toEqual(ALL)
    expect(
      verbs({ hosts: 'user' }, { groups: ['g1'] }, { groups: { default: 'full', entries: {} } }),
    ).toEqual([])
    const groups: StoredAccess = { groups: { default: 'none', entries: { g1: 'read', g2: 'full' } } }
    expect(verbs({ hosts: 'group' }, { groups: ['g1'] }, groups)).toEqual(['see'])
    expect(verbs({ hosts: 'group' }, { groups: ['g1', 'g2'] }, groups)).toEqual(ALL)
    expect(verbs({ hosts: 'group' }, { groups: ['g3'] }, groups)).toEqual([])
    expect(verbs({ hosts: 'full' }, { kind: 'no such kind' })).toEqual([])
  })

  it('by claim, under the cap', () => {
    expect(verbs({}, {}, claim(['update']))).toEqual(['edit'])
    expect(verbs({}, {}, claim(['update'], ['network']))).toEqual([])
    expect(verbs({}, {}, claim(['update'], ['*'], ['h2']))).toEqual([])
    expect(verbs({}, {}, claim(['update'], ['*'], ['h1']))).toEqual(['edit'])
    expect(verbs({}, {}, claim(['*']), { hosts: 'read' })).toEqual(['see'])
    expect(verbs({}, {}, claim(['*']), {})).toEqual([])
    expect(verbs({}, {}, claim(['*']), { hosts: 'user' })).toEqual([])
    expect(verbs({}, { createdBy: ME }, claim(['update']), { hosts: 'user' })).toEqual(['edit'])
  })

  it('by an entry, which alone decides', () => {
    const entry = (access: 'none' | 'read' | 'full'): StoredAccess => ({
      resources: [{ id: 'h1', kind: 'host', access }],
    })
    expect(verbs({ hosts: 'full' }, {}, entry('none'))).toEqual([])
    expect(verbs({ hosts: 'full' }, {}, entry('read'))).toEqual(['see'])
    expect(verbs({}, {}, entry('full'))).toEqual(ALL)
    expect(verbs({}, {}, entry('full'), { hosts: 'read' })).toEqual(['see'])
  })

  it('cut by cloud and Instance Type', () => {
    expect(verbs({ hosts: 'full' }, { cloudId: 'c1' }, { clouds: { default: 'none', entries: {} } })).toEqual(
      [],
    )
    expect(verbs({ hosts: 'full' }, {}, { clouds: { default: 'none', entries: {} } })).toEqual(ALL)
    const types: StoredAccess = { instanceTypes: { default: 'none', entries: { i1: 'read' } } }
    expect(verbs({ library: 'full' }, { kind: 'instance_type', id: 'i1' }, types)).toEqual(['see'])
    expect(verbs({ library: 'full' }, { kind: 'instance_type', id: 'i2' }, types)).toEqual([])
  })
})

describe('how much of a kind there is for somebody', () => {
  it.each<[string, Levels, StoredAccess, string, Levels | undefined, 'all' | 'some' | 'none']>([
    ['full', { hosts: 'full' }, {}, '', undefined, 'all'],
    ['read', { hosts: 'read' }, {}, '', undefined, 'all'],
    ['own', { hosts: 'user' }, {}, '', undefined, 'some'],
    ['none', {}, {}, '', undefined, 'none'],
    ['another permission', { networks: 'full' }, {}, '', undefined, 'none'],
    ['in a group', { hosts: 'full' }, {}, 'group:g1', undefined, 'some'],
    ['under a cap of nothing', { hosts: 'full' }, {}, '', {}, 'none'],
    ['a claim', {}, claim(['get']), '', undefined, 'all'],
    ['a claim under a cap of nothing', {}, claim(['get']), '', {}, 'none'],
    ['a claim that does not see', {}, claim(['update']), '', undefined, 'none'],
    ['a claim on another kind', {}, claim(['get'], ['network']), '', undefined, 'none'],
    ['an entry', {}, { resources: [{ id: 'h1', kind: 'host', access: 'read' }] }, '', undefined, 'some'],
    [
      'an entry for nothing',
      {},
      { resources: [{ id: 'h1', kind: 'host', access: 'none' }] },
      '',
      undefined,
      'none',
    ],
    [
      'an entry under a cap of nothing',
      {},
      { resources: [{ id: 'h1', kind: 'host', access: 'full' }] },
      '',
      {},
      'none',
    ],
  ])('%s', (_title, levels, access, scope, cap, extent) => {
    expect(extentOf(reach(levels, access, scope, cap), 'host')).toBe(extent)
  })
})

describe('a tenant’s relation to a thing', () => {
  const thing = (more: Partial<RelationRow>): RelationRow => ({
    kind: 'host',
    ownerId: 'msp',
    assignedId: 'msp',
    grantRole: null,
    ...more,
  })
  it.each<[string, RelationRow, string, string[], boolean]>([
    [
      'owner',
      thing({ ownerId: 'acme', assignedId: 'acme' }),
      'owner',
      ['see', 'act', 'edit', 'delete'],
      true,
    ],
    [
      'owner, assigned away',
      thing({ ownerId: 'acme', assignedId: 'bolt' }),
      'owner',
      ['see', 'edit', 'delete'],
      true,
    ],
    ['assigned', thing({ assignedId: 'acme' }), 'assigned', ['see', 'act'], false],
    [
      'assigned and granted as admin',
      thing({ assignedId: 'acme', grantRole: 'admin' }),
      'assigned',
      ['see', 'act'],
      false,
    ],
    ['granted as viewer', thing({ grantRole: 'viewer' }), 'granted', ['see'], false],
    ['granted as editor', thing({ grantRole: 'editor' }), 'granted', ['see', 'act', 'edit'], false],
    ['granted as admin', thing({ grantRole: 'admin' }), 'granted', ['see', 'act', 'edit'], true],
    ['public', thing({}), 'public', ['see'], false],
  ])('%s', (_title, one, relation, verbs, renames) => {
    expect(relationOf('acme', one)).toBe(relation)
    expect([...verbsOfRelation('acme', one)]).toEqual(verbs)
    expect(mayRename('acme', one)).toBe(renames)
  })
})
