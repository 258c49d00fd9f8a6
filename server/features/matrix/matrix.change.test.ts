import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { MASTER_TENANT_ID } from '@/lib/master'
import { cell, matrixOf, NOBODYS } from '@/server/features/matrix/matrix.fixture'
import { resourceId, tenantId } from '@/test/factories'
import { refusal } from '@/test/refusal'
import { createWorld, type World } from '@/test/world'

let world: World
beforeAll(async () => void (world = await createWorld()))
beforeEach(() => world.restore())
afterAll(() => world.close())
const { as, reasonsAt, sees, logOf, named } = matrixOf(() => world)

describe('a change', () => {
  const mixed = {
    cells: [
      cell('master private', 'A', 'none', 'sees'),
      cell('master private', 'B', 'none', 'edits'),
      cell('master private 2', 'B', 'none', 'uses'),
      cell('granted A', 'A', 'sees', 'none'),
      cell('assigned A', 'A', 'uses', 'none'),
    ],
    rows: [{ resourceId: resourceId('expired grant A'), to: 'public' as const }],
  }

  it('is made at once, and says before what the logs say after, to each tenant its own', async () => {
    const api = await as('Mara')
    const { lines, problems } = await api.matrix.preview(mixed)
    expect(problems).toEqual([])
    expect(await reasonsAt('master private', 'A')).toEqual([[]])
    const applied = await api.matrix.change(mixed)
    expect(applied.lines).toEqual(lines)
    expect(await logOf('matrix.change', 'M')).toEqual(lines)
    expect(lines).toContain(`Acme gains Host ${await named('master private')} (sees it)`)
    expect(lines).toContain(`Bolt gains Host ${await named('master private')} (edits it)`)
    expect(lines).toContain(`Bolt gains Host ${await named('master private 2')} (uses it)`)
    expect(lines).toContain(`Freehold MSP loses the use of Host ${await named('master private 2')}`)
    expect(lines).toContain(`Each of 3 other tenants gains Host ${await named('expired grant A')} (sees it)`)
    for (const key of ['A', 'B'] as const) {
      const name = key === 'A' ? 'Acme' : 'Bolt'
      const own = await logOf('matrix.change', key)
      expect(own).toEqual(lines.filter((line) => line.startsWith(`${name} `)))
      expect(own.length).toBeGreaterThan(0)
    }
    expect(await logOf('matrix.change', 'N')).toEqual([])
    expect(await reasonsAt('master private', 'A', 'B')).toEqual([['viewer'], ['editor']])
    expect(await sees('Ada', 'master private')).toBe(true)
    expect(await sees('Ada', 'granted A')).toBe(false)
    expect(await sees('Ada', 'assigned A')).toBe(false)
    expect(await sees('Bo', 'master private 2')).toBe(true)
    expect(await sees('Bo', 'expired grant A')).toBe(true)
  })

  it('is all or nothing', async () => {
    const api = await as('Mara')
    const before = await world.state(['audit_event', 'audit_seal'])
    const cells = [cell('master private', 'A', 'none', 'sees'), cell('assigned A', 'B', 'none', 'sees')]
    const { problems, lines } = await api.matrix.preview({ cells })
    expect(lines).toEqual([])
    expect(problems).toEqual([
      {
        resourceId: resourceId('assigned A'),
        tenantId: tenantId('B'),
        reason: 'It is assigned to Acme, which alone uses it',
      },
    ])
    expect(await refusal(api.matrix.change({ cells }))).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('Bolt: It is assigned to Acme') as string,
    })
    expect(await world.state(['audit_event', 'audit_seal'])).toEqual(before)
  })

  const REFUSED: [
    string,
    { cells?: ReturnType<typeof cell>[]; rows?: { resourceId: string; to: 'public' | 'private' }[] },
    RegExp,
  ][] = [
    [
      'what is public to all',
      { cells: [cell('public', 'A', 'sees', 'none')] },
      /public. Make it private first/,
    ],
    [
      'what is public in a cloud',
      { cells: [cell('public in cloud', 'A', 'sees', 'none')] },
      /cloud that the tenant has added/,
    ],
    [
      'two users',
      { cells: [cell('master private', 'A', 'none', 'uses'), cell('master private', 'B', 'none', 'uses')] },
      /One tenant at a time/,
    ],
    [
      'a share beside an assignment',
      { cells: [cell('master private', 'A', 'none', 'uses'), cell('master private', 'B', 'none', 'sees')] },
      /assigned to Acme|alone uses/,
    ],
    ['a disabled tenant', { cells: [cell('master private', 'C', 'none', 'uses')] }, /disabled/],
    ['a cloud', { cells: [cell('public cloud', 'A', 'sees', 'uses')] }, /its own page/],
    [
      'publishing what is assigned',
      { rows: [{ resourceId: resourceId('assigned A'), to: 'public' }] },
      /private/,
    ],
    [
      'publishing what is public',
      { rows: [{ resourceId: resourceId('public'), to: 'public' }] },
      /changed meanwhile/,
    ],
    ['what changed since', { cells: [cell('master private', 'A', 'sees', 'none')] }, /changed meanwhile/],
    ['the master itself', { cells: [cell('master private', 'M', 'owns', 'sees')] }, /provider owns/],
  ]
  it.each(REFUSED)('refuses %s, with the reason', async (_, change, why) => {
    const api = await as('Mara')
    const { problems } = await api.matrix.preview(change)
    expect(problems.map(({ reason }) => reason).join('\n')).toMatch(why)
    expect(await refusal(api.matrix.change(change))).toMatchObject({ code: 'conflict' })
  })

  it('cannot take away what all of a kind gives', async () => {
    await world.admin.query(
      `insert into access_grant_all (owner_id, tenant_id, kind, role) values ($1, $2, 'host', 'viewer')`,
      [MASTER_TENANT_ID, tenantId('A')],
    )
    const api = await as('Mara')
    const none = { cells: [cell('granted A', 'A', 'sees', 'none')] }
    expect((await api.matrix.preview(none)).problems[0]?.reason).toMatch(/All hosts are shared/)
    // Taken back from whom it is assigned to, it is seen by the kind again.
    const back = { cells: [cell('assigned A', 'A', 'uses', 'none')] }
    expect((await api.matrix.preview(back)).problems[0]?.reason).toMatch(/would still be: sees/)
    expect(await refusal(api.matrix.change(back))).toMatchObject({ code: 'conflict' })
    await api.matrix.change({ cells: [cell('assigned A', 'A', 'uses', 'sees')] })
    expect(await sees('Ada', 'assigned A')).toBe(true)
  })

  it('offers where shares are to be accepted, and says so', async () => {
    await world.admin.query('update installation set shares_require_acceptance = true')
    const api = await as('Mara')
    const { lines } = await api.matrix.change({ cells: [cell('master private', 'A', 'none', 'sees')] })
    expect(lines).toEqual([
      `Acme gains the offer of Host ${await named('master private')}, which is not accepted yet`,
    ])
    expect(await reasonsAt('master private', 'A')).toEqual([['offered']])
    expect(await sees('Ada', 'master private')).toBe(false)
    await api.matrix.change({ cells: [cell('master private', 'A', 'none', 'none')] })
    expect(await reasonsAt('master private', 'A')).toEqual([[]])
  })

  it('keeps the end of a share whose role it changes, and does not revive one that is over', async () => {
    const until = new Date(Date.now() + 3_600_000)
    await world.admin.query('update access_grant set expires_at = $1 where resource_id = $2', [
      until,
      resourceId('granted A'),
    ])
    const api = await as('Mara')
    await api.matrix.change({
      cells: [cell('granted A', 'A', 'sees', 'edits'), cell('expired grant A', 'A', 'none', 'sees')],
    })
    const { rows } = await world.admin.query<{ role: string; expires_at: Date | null; resource_id: string }>(
      'select role, expires_at, resource_id from access_grant where tenant_id = $1 and resource_id = any ($2) order by role',
      [tenantId('A'), [resourceId('granted A'), resourceId('expired grant A')]],
    )
    expect(rows).toMatchObject([
      { role: 'editor', expires_at: until, resource_id: resourceId('granted A') },
      { role: 'viewer', expires_at: null, resource_id: resourceId('expired grant A') },
    ])
  })

  it('asks what each thing asks: Sam may look, not change', async () => {
    const sam = await as('Sam')
    const change = { cells: [cell('master private', 'A', 'none', 'sees')] }
    expect(await refusal(sam.matrix.change(change))).toMatchObject({ code: 'access_denied' })
    expect(
      await refusal(sam.matrix.change({ cells: [cell('master private', 'A', 'none', 'uses')] })),
    ).toMatchObject({
      code: 'access_denied',
    })
    expect(
      await refusal(
        sam.matrix.change({ rows: [{ resourceId: resourceId('master private'), to: 'public' }] }),
      ),
    ).toMatchObject({ code: 'access_denied' })
    await (await as('Mara')).matrix.change(change)
  })

  it('knows nothing of what is foreign', async () => {
    const api = await as('Mara')
    for (const one of [
      { ...cell('A web', 'A', 'owns', 'none') },
      { ...cell('master private', 'A', 'none', 'sees'), resourceId: NOBODYS },
      { ...cell('master private', 'A', 'none', 'sees'), tenantId: NOBODYS },
      { ...cell('master private', 'E', 'none', 'sees') },
    ])
      expect(await refusal(api.matrix.change({ cells: [one] }))).toMatchObject({ code: 'not_found' })
  })

  it('of one cell, twice at the same time, is made once', async () => {
    const api = await as('Mara')
    const change = { cells: [cell('master private', 'A', 'none', 'sees')] }
    const both = await Promise.allSettled([api.matrix.change(change), api.matrix.change(change)])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const lost = both.find((one) => one.status === 'rejected') as PromiseRejectedResult
    expect(await refusal(Promise.reject(lost.reason as Error))).toMatchObject({ code: 'conflict' })
    expect((await logOf('matrix.change', 'A')).length).toBe(1)
  })

  it('has at most 500 cells', async () => {
    const cells = Array.from({ length: 501 }, () => cell('master private', 'A', 'none', 'sees'))
    expect(await refusal((await as('Mara')).matrix.change({ cells }))).not.toMatchObject({ code: 'conflict' })
  })
})
