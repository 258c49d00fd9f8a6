import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Permission } from '@/lib/permissions'
import type { SignedInOp } from '@/server/context/op'
import { create, revoke } from '@/server/features/grants/grants.write.service'
import { assign } from '@/server/features/resources/resources.assign.service'
import { updateResource } from '@/server/features/resources/resources.write.service'
import { ownRoles } from '@/server/features/roles/roles.scope'
import { updateRole } from '@/server/features/roles/roles.write.service'
import { updateCap } from '@/server/features/roles/tenant-roles.service'
import { AppError } from '@/server/platform/errors'
import type { PersonName } from '@/test/actors'
import { createWorld, type World } from '@/test/world'
import { idFor } from './ids'
import { plant } from './plant'
import { INITIAL, INSIDE, PLAIN, type State } from './state'

const ROUNDS = Number(process.env.RACE_ROUNDS ?? 500)
/** Enough to see what a lock prevents, where it is taken out. */
const WITHOUT = 20
const HOST = idFor('r5')
const GRANT = idFor('grant r5 A')

/** Bolt has a role of its own, and the cap that can be edited. */
const START: State = {
  ...INITIAL,
  roles: {
    ...INITIAL.roles,
    role1: {
      tenant: 'B',
      builtIn: false,
      multi: false,
      locked: false,
      template: null,
      levels: {},
      access: PLAIN,
    },
  },
}
/** Every mutation lingers between its work and its commit, so that there is something to fall between. */
const LINGER = `
  create function public.linger() returns trigger language plpgsql as $$ begin perform pg_sleep(random() * 0.005); return null; end $$;
  create constraint trigger zz_linger after insert on audit_event deferrable initially deferred for each row execute function public.linger()`
const NO_LOCKS = `
  create or replace function wall.enter(p_ctx text, p_write boolean, p_shared uuid[], p_exclusive uuid[]) returns void
  language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
  begin
    perform set_config('wall.ctx', p_ctx, true);
    if not p_write then perform set_config('transaction_read_only', 'on', true); end if;
  end $$`

interface Counted {
  /** Rounds that ended as none may. */
  wrong: number
  /** How often the one that may come too late was done, and how often it was refused. */
  done: number
  refused: number
}

/** One round: what gets ready, the two that race, and whether what is there then may not be. */
interface Race {
  ready: () => Promise<unknown>
  /** What may come too late. */
  writes: () => Promise<unknown>
  /** What takes away. */
  takes: () => Promise<unknown>
  /** What there is; told right after the taking, and again at the end. */
  look: () => Promise<string>
  isWrong: (afterTaking: string, atEnd: string) => boolean
}

describe('races about rights, in the procedures that people call', () => {
  let world: World
  let locks: string
  let guard: string
  beforeAll(async () => {
    world = await createWorld()
    await plant(world.admin, START)
    await world.admin.query(LINGER)
    locks = await definition('wall.enter(text, boolean, uuid[], uuid[])')
    guard = await definition('wall.grant_guard()')
  })
  afterAll(() => world.close())

  const value = async (text: string, values: unknown[] = []) =>
    String((await world.admin.query<{ v: unknown }>(text, values)).rows[0]?.v)
  const definition = (name: string) => value('select pg_get_functiondef($1::regprocedure) as v', [name])
  const updatedAt = async (table: string, id: string) =>
    new Date(await value(`select updated_at::text as v from ${table} where id = $1`, [id])).toISOString()

  const acting = async (name: PersonName, scope: 'tenant' | 'master', permission: Permission) => {
    const declaration = { scope, permission: [permission, 'read'], audit: 'test.race', summary: 'x' } as const
    const op = await world.opOf(name)
    return (): SignedInOp => ({ ...op, call: { name: 'race', declaration, audited: false } })
  }

  /** @param strict every refusal is one that people are told; without locks the database's own may come first */
  async function run(
    { ready, writes, takes, look, isWrong }: Race,
    rounds: number,
    strict: boolean,
  ): Promise<Counted> {
    const counted: Counted = { wrong: 0, done: 0, refused: 0 }
    const refusal = (error: unknown) => {
      if (strict && !(error instanceof AppError)) throw error
      return false
    }
    /** How long the taking took lately, in ms: the writing begins somewhere from before it to near its end. */
    let span = 10
    for (let i = 0; i < rounds; i++) {
      await ready()
      const head = (Math.random() * 1.5 - 0.5) * span
      const begun = performance.now()
      const late = new Promise((resolve) => setTimeout(resolve, Math.max(head, 0)))
      const first = late.then(writes).then(() => true, refusal)
      if (head < 0) await new Promise((resolve) => setTimeout(resolve, -head))
      await takes().catch(refusal)
      span = span * 0.8 + (performance.now() - begun + Math.min(head, 0)) * 0.2
      const taken = await look()
      counted[(await first) ? 'done' : 'refused']++
      if (isWrong(taken, await look())) counted.wrong++
    }
    return counted
  }

  /** With the locks there is none; without them there are some, else the test would measure nothing. */
  async function expectHeld(race: Race, without: string): Promise<void> {
    const held = await run(race, ROUNDS, true)
    expect(held).toMatchObject({ wrong: 0 })
    expect(held.done).toBeGreaterThan(10)
    await world.admin.query(without)
    try {
      let wrong = 0
      for (let i = 0; i < 10 && wrong === 0; i++) wrong += (await run(race, WITHOUT, false)).wrong
      expect(wrong).toBeGreaterThan(0)
    } finally {
      await world.admin.query(`${locks}; ${guard}`)
    }
  }

  it(`R-lock revoke against write: nothing is written by a share that is gone, in ${ROUNDS} rounds`, async () => {
    const eve = await acting('Eve', 'tenant', 'hosts')
    const mara = await acting('Mara', 'tenant', 'sharing')
    let round = 0
    let at = ''
    await expectHeld(
      {
        ready: async () => {
          round++
          await world.admin.query(
            `insert into access_grant (id, resource_id, kind, name, owner_id, tenant_id, role) values ($1, $2, '', '', $3, $4, 'editor')
             on conflict do nothing`,
            [GRANT, HOST, idFor('M'), idFor('A')],
          )
          at = await updatedAt('resource', HOST)
        },
        writes: async () => {
          const { name } = INITIAL.resources.r5 ?? { name: '' }
          const spec = { description: `round ${round}` }
          await updateResource(eve(), { kind: 'host', id: HOST, name, spec, refs: [], updatedAt: at })
        },
        takes: () => revoke(mara(), [GRANT]),
        look: () => value(`select spec ->> 'description' as v from resource where id = $1`, [HOST]),
        isWrong: (taken, end) => taken !== end,
      },
      NO_LOCKS,
    )
  }, 240_000)

  it(`R-lock cap against role edit: no role gets what the cap has lost, in ${ROUNDS} rounds`, async () => {
    const bo = await acting('Bo', 'tenant', 'roles')
    const mara = await acting('Mara', 'master', 'tenants')
    const [role, cap] = [idFor('role1'), idFor('custom')]
    let roleAt = ''
    let capAt = ''
    await expectHeld(
      {
        ready: async () => {
          await world.admin.query(`update user_role set levels = '{}' where id = $1`, [role])
          await world.admin.query('update tenant_role set levels = $2, sharing = true where id = $1', [
            cap,
            INSIDE,
          ])
          roleAt = await updatedAt('user_role', role)
          capAt = await updatedAt('tenant_role', cap)
        },
        writes: () =>
          updateRole(ownRoles(bo()), {
            id: role,
            name: 'role1',
            description: '',
            levels: { hosts: 'full' },
            access: {},
            landing: '',
            updatedAt: roleAt,
          }),
        takes: () =>
          updateCap(mara(), {
            id: cap,
            name: 'custom',
            description: '',
            levels: { ...INSIDE, hosts: 'read' },
            defaultCloudLevel: 'none',
            clouds: [],
            landing: '',
            updatedAt: capAt,
          }),
        look: () => value(`select levels ->> 'hosts' as v from user_role where id = $1`, [role]),
        isWrong: (taken, end) => taken !== end,
      },
      NO_LOCKS,
    )
  }, 240_000)

  it(`R-lock assign against share: what is assigned away is shared with nobody, in ${ROUNDS} rounds`, async () => {
    const sharing = await acting('Mara', 'tenant', 'sharing')
    const assigning = await acting('Mara', 'master', 'hosts')
    const clear = `delete from access_grant where resource_id = $1`
    await expectHeld(
      {
        ready: async () => {
          await world.admin.query('update resource set assigned_id = owner_id where id = $1', [HOST])
          await world.admin.query(clear, [HOST])
        },
        writes: () =>
          create(sharing(), { kind: 'host', resourceId: HOST, tenantId: idFor('N'), role: 'viewer' }),
        takes: () => assign(assigning(), 'host', [HOST], idFor('B')),
        look: () =>
          value(
            `select r.assigned_id <> r.owner_id and exists (select 1 from access_grant g where g.resource_id = r.id) as v
             from resource r where r.id = $1`,
            [HOST],
          ),
        isWrong: (_taken, end) => end === 'true',
      },
      // Here a row's lock stands behind the tenants' locks.
      `${NO_LOCKS}; ${guard.replace('for share', '')}`,
    )
  }, 240_000)
})
