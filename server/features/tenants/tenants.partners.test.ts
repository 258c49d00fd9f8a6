import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { grantsRouter } from '@/server/features/grants/grants.router'
import { resourcesRouter } from '@/server/features/resources/resources.router'
import { tenantRolesRouter } from '@/server/features/roles/tenant-roles.router'
import { tenantsRouter } from '@/server/features/tenants/tenants.router'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import type { PersonName } from '@/test/actors'
import { idOf } from '@/test/canary'
import { CUSTOMER_ROLE, resourceId, tenantId } from '@/test/factories'
import { whileHeld } from '@/test/held-lock'
import { refusal } from '@/test/refusal'
import { createWorld, type World } from '@/test/world'

const caller = createCallerFactory(
  router({
    grants: grantsRouter,
    resources: resourcesRouter,
    tenantRoles: tenantRolesRouter,
    tenants: tenantsRouter,
  }),
)
const acme = tenantId('A')
const OFFERED = idOf('grant A web')
const GIVEN = idOf('grant of the test')
const CAP = idOf('cap of the test')

let world: World
beforeAll(async () => {
  world = await createWorld()
  // What was done is there, and its commit takes a while, before the logs are sealed: there what closes the owner would overtake it.
  await world.admin.query(`
    create function public.linger() returns trigger language plpgsql as $$ begin perform pg_sleep(0.4); return null; end $$;
    create constraint trigger aa_linger after insert on audit_event deferrable initially deferred
      for each row when (new.event in ('grant.accept', 'resource.update')) execute function public.linger()`)
})
afterAll(() => world.close())
beforeEach(async () => {
  await world.restore()
  await world.admin.query(
    `insert into tenant_role (id, name, levels, sharing) values ($1, 'Sharing', '{"hosts": "full", "sharing": "full"}', true)`,
    [CAP],
  )
  await world.admin.query('update tenant set tenant_role_id = $1 where id = $2', [CAP, acme])
  await world.admin.query(
    `insert into access_grant (id, resource_id, kind, name, owner_id, tenant_id, role) values ($1, $2, '', '', $3, $4, 'editor')`,
    [GIVEN, resourceId('A secret'), acme, tenantId('B')],
  )
})

const as = async (name: PersonName) => caller({ op: await world.opOf(name) })
const one = async <T>(text: string, values: unknown[]) =>
  (await world.admin.query<{ v: T }>(text, values)).rows[0]?.v
const grantStatus = (id: string) => one<string>('select status as v from access_grant where id = $1', [id])

type Mara = Awaited<ReturnType<typeof as>>
/** Everything that keeps Acme from sharing. */
const CLOSING: [string, (mara: Mara) => Promise<unknown>][] = [
  ['disabling its owner', (mara) => mara.tenants.disable({ id: acme, reason: 'unpaid' })],
  ['deleting its owner', (mara) => mara.tenants.delete({ id: acme, confirmName: 'Acme' })],
  [
    'giving its owner a cap without sharing',
    async (mara) => {
      const { name, currency, updatedAt } = await mara.tenants.get({ id: acme })
      return mara.tenants.update({ id: acme, name, currency, updatedAt, tenantRoleId: CUSTOMER_ROLE })
    },
  ],
  [
    'taking sharing out of its owner’s cap',
    async (mara) => {
      const { name, description, updatedAt, defaultCloudLevel, landing } = await mara.tenantRoles.get({
        id: CAP,
      })
      return mara.tenantRoles.update({
        ...{ id: CAP, name, description, updatedAt, defaultCloudLevel, landing, clouds: [] },
        levels: { hosts: 'full' },
      })
    },
  ],
]

/** Does something of a taker's, and closes while its commit lingers. @returns what it came to */
async function whileLingering(write: () => Promise<unknown>, close: () => Promise<unknown>) {
  const writing = Promise.allSettled([write()])
  const lingers = `select 1 from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`
  for (let i = 0; i < 200 && (await world.admin.query(lingers)).rowCount === 0; i++)
    await new Promise((resolve) => setTimeout(resolve, 5))
  await close()
  const witness = await one('select spec::text as v from resource where id = $1', [resourceId('A secret')])
  const [done] = await writing
  return { done: done.status, witness }
}

describe.each(CLOSING)('a share and %s', (_what, close) => {
  it('an acceptance under way ends first, and its share is suspended with the others', async () => {
    const [bo, mara] = [await as('Bo'), await as('Mara')]
    const { done } = await whileLingering(
      () => bo.grants.accept({ id: OFFERED }),
      () => close(mara),
    )
    expect(done).toBe('fulfilled')
    expect([await grantStatus(OFFERED), await grantStatus(GIVEN)]).toEqual(['suspended', 'suspended'])
  })

  it('a write under way ends first, and none comes after', async () => {
    const [bo, mara] = [await as('Bo'), await as('Mara')]
    const secret = { kind: 'host', id: resourceId('A secret') }
    const { name, updatedAt } = await bo.resources.get(secret)
    const edit = () => bo.resources.update({ ...secret, name, updatedAt, spec: { description: 'by Bolt' } })
    const { done, witness } = await whileLingering(edit, () => close(mara))
    expect(done).toBe('fulfilled')
    expect(witness).toContain('by Bolt')
    expect(await refusal(edit())).toMatchObject({ code: 'not_found' })
  })

  it('is refused where something was shared between its look and its locks, and works the next time', async () => {
    const mara = await as('Mara')
    const share = () =>
      world.admin.query(
        `insert into access_grant (id, resource_id, kind, name, owner_id, tenant_id, role) values ($1, $2, '', '', $3, $4, 'editor')`,
        [idOf('late grant'), resourceId('A db'), acme, tenantId('N')],
      )
    // Bolt's write keeps it waiting
    const { waited, done } = await whileHeld(world, tenantId('B'), () => close(mara), share)
    expect(waited).toBe(true)
    expect(await refusal(done)).toMatchObject({ code: 'conflict' })
    expect(await grantStatus(GIVEN)).toBe('live')
    await close(mara)
    expect(await grantStatus(idOf('late grant'))).toBe('suspended')
  })
})
