import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWorld, type World } from '@/test/world'
import { sequences } from './commands'
import { Difference, runSequence } from './compare'
import { connect, type Connection, LAYER, type Layer } from './connection'
import { prepareRaw } from './observe-raw'
import { plant } from './plant'
import { share } from './shared'
import { INITIAL } from './state'

const AT_MOST = 400
const MASTER = `'00000000-0000-4000-8000-000000000001'`

const selectTenant = (...arms: string[]) =>
  `drop policy resource_select_tenant on resource; create policy resource_select_tenant on resource for select to freehold_tenant
   using ((select wall.ctx_tenant()) is not null and (${arms.join(' or ')}))`
const ASSIGNED = `assigned_id = (select wall.ctx_tenant())`
const PUBLIC = `(visibility = 'public' and (cloud_id is null or cloud_id = any ((select wall.ctx_clouds())::uuid[])))`
const granted = (status: string) =>
  `exists (select 1 from access_grant g where g.resource_id = resource.id and g.tenant_id = (select wall.ctx_tenant()) and ${status})`
const LIVE = `g.status = 'live' and (g.expires_at is null or g.expires_at > now())`
const ALL = `(owner_id = ${MASTER} and assigned_id = owner_id and kind = any ((select wall.ctx_granted_kinds())::text[]))`

/** Each makes the database wrong in one way. */
const WRONG_WALL: [string, string][] = [
  [
    'grants of all reach what is assigned away',
    selectTenant(ASSIGNED, PUBLIC, granted(LIVE), ALL.replace('and assigned_id = owner_id', '')),
  ],
  ['no arm of assignment', selectTenant(PUBLIC, granted(LIVE), ALL)],
  ['no arm of public things', selectTenant(ASSIGNED, granted(LIVE), ALL)],
  ['no arm of grants', selectTenant(ASSIGNED, PUBLIC, ALL)],
  ['no arm of grants of all', selectTenant(ASSIGNED, PUBLIC, granted(LIVE))],
  [
    'public in a cloud that was not added',
    selectTenant(ASSIGNED, `visibility = 'public'`, granted(LIVE), ALL),
  ],
  [
    'grants that wait',
    selectTenant(ASSIGNED, PUBLIC, granted(`(g.expires_at is null or g.expires_at > now())`), ALL),
  ],
  ['grants that ended', selectTenant(ASSIGNED, PUBLIC, granted(`g.status = 'live'`), ALL)],
  ['what was assigned away keeps its grants', 'drop trigger resource_moved on resource'],
  ['a cap does not suspend shares', 'drop trigger tenant_suspend_grants on tenant'],
  ['an edited cap does not suspend shares', 'drop trigger tenant_role_suspend_grants on tenant_role'],
  ['an editor renames', 'drop trigger resource_guard on resource'],
  ['whoever sees edits', `alter policy resource_update_granted on resource using (true) with check (true)`],
  [
    'the master’s are deleted',
    `create policy wrong on resource for delete to freehold_tenant using (true);
    alter policy resource_guard_delete on resource using (true)`,
  ],
  ['whatever is seen is tagged by all', `alter policy resource_tag_select on resource_tag using (true)`],
  [
    'groups of things unseen',
    `alter policy resource_group_member_insert on resource_group_member with check (tenant_id = (select wall.ctx_writer()))`,
  ],
  [
    'sharing without the cap’s',
    `alter policy access_grant_insert on access_grant with check (owner_id = (select wall.ctx_writer()))`,
  ],
  [
    'any cloud is added',
    `alter policy tenant_cloud_insert on tenant_cloud with check (tenant_id = (select wall.ctx_writer()))`,
  ],
]
/** Each makes the application's own SQL wrong: what is sent, and what would be sent instead. */
const WRONG_FILTERS: [string, RegExp, string][] = [
  ['lists of everything assigned', /r\.assigned_id = \$(\d+)::uuid/g, '($$$1::uuid is not null)'],
  [
    'public whatever its cloud',
    /r\.visibility = 'public' and r\.cloud_id is null/g,
    `r.visibility = 'public'`,
  ],
  ['grants in any state', /g\.status = 'live' and/g, ''],
  ['grants without end', /and \(g\.expires_at is null or g\.expires_at > now\(\)\)/g, ''],
  ['grants to anybody', /g\.tenant_id = \$(\d+)::uuid/g, '($$$1::uuid is not null)'],
  ['groups of any tenant', /m\.tenant_id = \$(\d+)::uuid/g, '($$$1::uuid is null)'],
  [
    'a search that minds capitals',
    /position\(lower\(\$(\d+)\) in lower\(r\.name\)\)/g,
    'position($$$1 in r.name)',
  ],
]

describe.runIf(LAYER === 'both')('the harness sees what is wrong', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld()
    await plant(world.admin, INITIAL)
  })
  afterAll(() => world.close())

  /** What sequences find wrong; it is made so in one transaction around them all. */
  async function found(layer: Layer, broken: string, change: Partial<Connection> = {}): Promise<unknown> {
    const within = { begin: 'savepoint sequence', end: 'rollback to sequence; release sequence' }
    const connection = { ...(await connect(world, layer)), ...within, ...change }
    let unshare = async () => undefined as void
    try {
      await connection.db.query(`begin; ${broken}`)
      await prepareRaw(connection)
      unshare = share(connection, world)
      const property = fc.asyncProperty(sequences, (ops) =>
        runSequence({ connection, world, tallies: new Map() }, ops),
      )
      return (await fc.check(property, { numRuns: AT_MOST, seed: 7, endOnFailure: true })).errorInstance
    } finally {
      await unshare()
      await connection.db.query('rollback')
      await connection.close()
    }
  }

  it.each(WRONG_WALL)(
    'A11 wrong policies: %s',
    async (_what, broken) => {
      expect(await found('both', broken)).toBeInstanceOf(Difference)
    },
    90_000,
  )

  it.each(WRONG_FILTERS)(
    'A11 wrong filters: %s',
    async (_what, sent, instead) => {
      let changed = 0
      const asSent = (text: string) =>
        text.replace(
          sent,
          (...args) => (changed++, instead.replace(/\$\$/g, '$$').replace('$1', String(args[1]))),
        )
      expect(await found('no-policies', '', { asSent })).toBeInstanceOf(Difference)
      expect(changed).toBeGreaterThan(0)
    },
    90_000,
  )
})
