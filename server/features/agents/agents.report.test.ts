import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { agentsOf, machineFacts, wordOf } from '@/test/agent'
import { agentToken, enrolmentToken, resourceId, tenantId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

let world: World
let agents: ReturnType<typeof agentsOf>
beforeAll(async () => {
  world = await createWorld()
  agents = agentsOf(world)
})
afterAll(() => world.close())
beforeEach(() => world.restore())

describe('a report', () => {
  it('updates the host of its credential and no other (G12)', async () => {
    const { host, credential, said } = await agents.enrolled()
    const others = await world.admin.query(
      'select resource_id, facts from resource_state where resource_id <> $1 order by 1',
      [host],
    )
    const answer = await agents.post('report', credential, {
      ...said,
      seq: 1,
      hostname: 'web-01',
      resource_id: resourceId('B web'),
      tenantId: tenantId('B'),
    })
    expect(answer).toMatchObject({ status: 200, lines: ['interval 30'] })
    expect(await agents.stateOf(host)).toMatchObject({ status: 'online', facts: { hostname: 'web-01' } })
    expect(
      (
        await world.admin.query(
          'select resource_id, facts from resource_state where resource_id <> $1 order by 1',
          [host],
        )
      ).rows,
    ).toEqual(others.rows)
    expect((await world.admin.query('select name from resource where id = $1', [host])).rows[0].name).toBe(
      'web-7',
    )
  })

  it('is refused without the exact credential, and a person’s session is none (G05, G17)', async () => {
    const { credential, said } = await agents.enrolled()
    const wrong = [
      null,
      '',
      credential.slice(0, -1),
      `${credential}A`,
      credential.toUpperCase(),
      ` ${credential}`,
      enrolmentToken('A', 1),
      `fha_${'A'.repeat(43)}`,
    ]
    for (const secret of wrong)
      expect((await agents.post('report', secret, { ...said, seq: 1 })).status).toBe(401)
    expect((await agents.post('report', credential, { ...said, seq: 1 })).status).toBe(200)
  })

  it('that was seen before is answered 409 with the counter, and changes nothing (G18)', async () => {
    const { host, credential, said } = await agents.enrolled()
    expect((await agents.post('report', credential, { ...said, seq: 9 })).status).toBe(200)
    for (const seq of [9, 3]) {
      const replay = await agents.post('report', credential, { ...said, hostname: 'old', seq })
      expect(replay.status).toBe(409)
      expect(replay.lines).toContain('seq 9')
    }
    expect((await agents.stateOf(host)).facts.hostname).toBe('web-7')
    await agents.quiet(host)
    expect((await agents.post('report', credential, { ...said, seq: 10 })).status).toBe(200)
  })

  it('that comes too soon is answered 429, by one agent’s pace only (G15)', async () => {
    const flood = await agents.enrolled()
    const calm = await agents.enrolled()
    expect((await agents.post('report', flood.credential, { ...flood.said, seq: 1 })).status).toBe(200)
    const answers = []
    for (let seq = 2; seq < 40; seq++)
      answers.push(await agents.post('report', flood.credential, { ...flood.said, seq }))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([429]))
    expect(answers[0]?.lines).toContain('interval 30')
    expect((await agents.post('report', calm.credential, { ...calm.said, seq: 1 })).status).toBe(200)
  })

  it('from a second machine with the same credential is flagged, and neither is believed until one enrols anew (G11)', async () => {
    const { host, credential, said } = await agents.enrolled()
    expect((await agents.post('report', credential, { ...said, seq: 1 })).status).toBe(200)
    expect(
      await agents.post('report', credential, { ...machineFacts(), seq: 2, hostname: 'thief' }),
    ).toMatchObject({
      status: 403,
    })
    expect((await agents.stateOf(host)).conflict_at).not.toBeNull()
    expect((await agents.post('report', credential, { ...said, seq: 3 })).text).toMatch(
      /^error credential_conflict /,
    )
    expect((await agents.stateOf(host)).facts.hostname).toBe('web-7')
    expect(await agents.audited('host.credential_conflict', host)).toEqual([tenantId('A')])
    const again = await agents.enrolled({ machine_id: said.machine_id })
    expect(again.host).toBe(host)
    await agents.quiet(host)
    expect((await agents.post('report', again.credential, { ...said, seq: 1 })).status).toBe(200)
    expect((await agents.stateOf(host)).conflict_at).toBeNull()
  })

  it('that goes back to the boot before the last comes from a copy of the disk; a reboot and a missing boot id do not', async () => {
    const { host, credential, said } = await agents.enrolled()
    let seq = 0
    const report = async (boot_id: string | undefined) => {
      await agents.quiet(host)
      return (await agents.post('report', credential, { ...said, boot_id, seq: ++seq })).status
    }
    const next = randomUUID()
    expect([await report(said.boot_id), await report(undefined), await report(next)]).toEqual([200, 200, 200])
    expect(await report(said.boot_id)).toBe(403)
    expect((await agents.stateOf(host)).conflict_at).not.toBeNull()
  })

  it('gets a new credential after a day; the old one counts until the new one is used, and a lost answer is no end', async () => {
    const { host, credential, said } = await agents.enrolled()
    await world.admin.query(
      `update agent_credential set rotated_at = now() - interval '25 hours' where resource_id = $1`,
      [host],
    )
    const report = async (secret: string, seq: number) => {
      await agents.quiet(host)
      return agents.post('report', secret, { ...said, seq })
    }
    const lost = wordOf(await report(credential, 1), 'credential')
    const next = wordOf(await report(credential, 2), 'credential')
    expect(next).toMatch(/^fha_/)
    expect(next).not.toBe(lost)
    expect((await report(lost, 3)).status).toBe(401)
    const used = await report(next, 3)
    expect(used).toMatchObject({ status: 200, lines: ['interval 30'] })
    expect((await report(credential, 4)).status).toBe(401)
    expect((await report(next, 4)).status).toBe(200)
  })

  it('of a disabled tenant is refused at once and taken again after enabling; its data stays (rule 11, G20)', async () => {
    const { host, credential, said } = await agents.enrolled()
    expect((await agents.post('report', credential, { ...said, seq: 1 })).status).toBe(200)
    await agents.quiet(host)
    await world.admin.query(`update tenant set status = 'disabled' where id = $1`, [tenantId('A')])
    expect(await agents.post('report', credential, { ...said, seq: 2, hostname: 'x' })).toMatchObject({
      status: 403,
      lines: ['error org_suspended This tenant is suspended'],
    })
    expect((await agents.stateOf(host)).facts.hostname).toBe('web-7')
    await world.admin.query(`update tenant set status = 'active' where id = $1`, [tenantId('A')])
    expect((await agents.post('report', credential, { ...said, seq: 3 })).status).toBe(200)
  })

  it('of a deleted host or a deleted tenant is told to uninstall; a host of the master’s only waits', async () => {
    const { host, credential, said } = await agents.enrolled()
    await world.admin.query('delete from resource where id = $1', [host])
    expect(await agents.post('report', credential, { ...said, seq: 1 })).toMatchObject({
      status: 200,
      lines: ['uninstall'],
    })
    expect(await agents.post('report', agentToken('E web'), { ...said, seq: 1 })).toMatchObject({
      status: 200,
      lines: ['uninstall'],
    })
    await world.admin.query('update resource set assigned_id = $1 where id = $2', [
      tenantId('E'),
      resourceId('assigned B'),
    ])
    expect((await agents.post('report', agentToken('assigned B'), { ...said, seq: 1 })).status).toBe(403)
  })

  it('follows the host to another tenant (G16)', async () => {
    const { host, credential, said } = await agents.enrolled({}, enrolmentToken('M', 1))
    await world.admin.query('update resource set assigned_id = $1 where id = $2', [tenantId('C'), host])
    expect((await agents.post('report', credential, { ...said, seq: 1 })).status).toBe(403)
    await world.admin.query('update resource set assigned_id = $1 where id = $2', [tenantId('A'), host])
    expect((await agents.post('report', credential, { ...said, seq: 2 })).status).toBe(200)
  })

  it('with impossible or huge facts is 400, and a wrong clock changes no time of ours (G19, G21)', async () => {
    const { host, credential, said } = await agents.enrolled()
    const bad: unknown[] = [
      '',
      '[]',
      'null',
      '{',
      '['.repeat(60_000),
      '{"seq":1}',
      { ...said, seq: 0 },
      { ...said, seq: 1.5 },
      { ...said, seq: '1' },
      { ...said, seq: 1, clock: 'NaN' },
      { ...said, seq: 1, clock: 9e15 },
      { ...said, seq: 1, disks: Array(100_000).fill(0) },
      { ...said, seq: 1, load: [1, 2, -1] },
    ]
    for (const [i, body] of bad.entries()) {
      const { credential: fresh } =
        i % 4 ? { credential } : await agents.enrolled({}, enrolmentToken('M', (i / 4) % 2 ? 1 : 2))
      expect([400, 429]).toContain((await agents.post('report', fresh, body)).status)
    }
    expect((await agents.stateOf(host)).status).toBe('pending')
    const other = await agents.enrolled()
    expect(
      (
        await agents.post('report', other.credential, {
          ...other.said,
          seq: 1,
          clock: Math.floor(Date.now() / 1000) + 86_400,
        })
      ).status,
    ).toBe(200)
    const { rows } = await world.admin.query(
      'select abs(extract(epoch from now() - last_seen_at)) < 5 as ok from resource_state where resource_id = $1',
      [other.host],
    )
    expect(rows).toEqual([{ ok: true }])
  })

  it('ends with goodbye: the host stays, offline, and stands in its log', async () => {
    const { host, credential, said } = await agents.enrolled()
    expect((await agents.post('report', credential, { ...said, seq: 1 })).status).toBe(200)
    expect(await agents.post('goodbye', credential, '{}')).toMatchObject({ status: 200 })
    expect((await agents.stateOf(host)).status).toBe('offline')
    expect((await agents.post('report', credential, { ...said, seq: 2 })).status).toBe(401)
    expect(await agents.audited('host.agent_removed', host)).toEqual([tenantId('A')])
  })
})
