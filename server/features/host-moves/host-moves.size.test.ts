import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { movesOf } from '@/server/features/host-moves/host-moves.fixture'
import { MOST_HOSTS } from '@/server/features/host-moves/host-moves.schema'
import { verifyEveryChain } from '@/server/features/audit/audit.service'
import { agentsOf, wordOf } from '@/test/agent'
import { enrolmentToken, tenantId } from '@/test/factories'
import { refusal } from '@/test/refusal'
import { createWorld, type World } from '@/test/world'

const [A, B] = [tenantId('A'), tenantId('B')]

describe('many hosts, and hosts that report meanwhile', () => {
  let world: World
  beforeAll(async () => void (world = await createWorld()))
  afterAll(() => world.close())
  const { as, sql, move, undo } = movesOf(() => world)

  it('E13 a host that reports while it migrates: its agent stays, and the old tenant hears no more of it', async () => {
    const agents = agentsOf(world)
    const { host, credential, said } = await agents.enrolled({}, enrolmentToken('A', 1))
    await sql(
      `insert into resource (id, kind, name, owner_id, assigned_id, spec)
        select gen_random_uuid(), 'profile', 'keys ' || k, t, t, jsonb_build_object('params', jsonb_build_object(k, 'xyzzy-' || k))
        from (values ('acme', $1::uuid), ('bolt', $2::uuid)) x (k, t)`,
      [A, B],
    )
    await sql(
      `insert into resource_link (resource_id, field, target_id) select $1, 'profiles', id from resource where name = 'keys acme'`,
      [host],
    )
    let seq = 0
    const report = async (hostname: string) => {
      await agents.quiet(host)
      return agents.post('report', credential, { ...said, hostname, seq: ++seq })
    }
    const params = async (hostname: string) =>
      Buffer.from(wordOf(await report(hostname), 'parameters').split(' ')[1] ?? '', 'base64').toString()
    expect(await params('before')).toBe('acme=xyzzy-acme\n')
    const moving = move([host], 'B')
    for (let i = 0; i < 3; i++) expect((await report(`while-${i}`)).status).toBe(200)
    const { id, task } = await moving
    expect(task.error).toBe('')
    // What Acme's profile says is Acme's, and reaches the machine no more.
    expect(await params('only-bolt')).toBe('')
    expect(await refusal((await as('Ada')).hosts.get({ id: host }))).toMatchObject({ code: 'not_found' })
    expect((await (await as('Bo')).hosts.get({ id: host })).facts?.hostname).toBe('only-bolt')
    // Enrolled anew by its old tenant's token, the machine is another host there: this one stays Bolt's.
    const again = await agents.enrolled({ machine_id: said.machine_id }, enrolmentToken('A', 1))
    expect(again.host).not.toBe(host)
    expect((await undo(id)).error).toBe('')
    expect(await params('back')).toBe('acme=xyzzy-acme\n')
  }, 30_000)

  it(`${MOST_HOSTS.toLocaleString('en')} go at once with what stands on them, and come back; one more is refused`, async () => {
    await sql('update licence set host_limit = null')
    await sql(
      `insert into resource (kind, name, owner_id, assigned_id) select 'host', 'many-' || i, $1, $1 from generate_series(1, $2::int) i`,
      [A, MOST_HOSTS],
    )
    await sql(
      `insert into resource (kind, name, owner_id, assigned_id, parent_id) select 'virtual_machine', 'on-' || r.name, $1, $1, r.id from resource r where r.name like 'many-%0'`,
      [A],
    )
    await sql(
      `insert into resource_tag (tenant_id, resource_id, tag) select $1, id, 'x' from resource where name like 'many-%'`,
      [A],
    )
    const ids = (await sql<{ id: string }>(`select id from resource where name like 'many-%'`)).map(
      ({ id }) => id,
    )
    const at = async (owner: string) =>
      (
        await sql<{ n: number }>(
          `select count(*)::int as n from resource where name like '%many-%' and owner_id = $1 and assigned_id = $1`,
          [owner],
        )
      )[0]?.n
    const api = await as('Mara')
    const plan = await api.hostMoves.preview({ ids, tenantId: B })
    expect(plan).toMatchObject({ hosts: MOST_HOSTS, things: MOST_HOSTS / 10, blocked: 0 })
    const { id, task } = await move(ids, 'B')
    expect(task.error).toBe('')
    expect(task).toMatchObject({ status: 'done', done: 1.1 * MOST_HOSTS })
    expect([await at(A), await at(B)]).toEqual([0, 1.1 * MOST_HOSTS])
    expect((await api.hostMoves.undoPreview({ id })).lost).toEqual([])
    expect((await undo(id)).error).toBe('')
    expect([await at(A), await at(B)]).toEqual([1.1 * MOST_HOSTS, 0])
    expect((await sql(`select 1 from resource_tag where tag = 'x'`)).length).toBe(MOST_HOSTS)
    const more = await refusal(api.hostMoves.start({ ids: [...ids, ids[0] ?? ''], tenantId: B }))
    expect(more.message).toMatch(/At most 10,000 hosts at once/)
    expect((await verifyEveryChain()).every((chain) => chain.brokenAt === null)).toBe(true)
  }, 240_000)
})
