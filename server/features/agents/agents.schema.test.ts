import { describe, expect, it } from 'vitest'
import { AGENT_LIMITS, isClockOff } from '@/lib/agent-report'
import { agentEnrolSchema, agentReportSchema } from './agents.schema'

const disk = { mount: '/', fs: 'ext4', size: 10, used: 5 }
const address = { interface: 'eth0', address: '192.0.2.2', family: 'ipv4' }
const report = {
  seq: 1,
  agent_version: '1.0.0',
  machine_id: 'a'.repeat(64),
  boot_id: 'd31b4f3c-c6be-43ad-b812-84a9ea304c27',
  hostname: 'web-1',
  clock: 1_800_000_000,
  cpu: { model: 'x', count: 2 },
  memory: { total: 2, available: 1 },
  disks: [disk],
  addresses: [address],
  uptime_seconds: 3,
  load: [0.1, 0.2, 0.3],
}
const with_ = (change: object) => ({ ...report, ...change })

describe('agentReportSchema', () => {
  it('takes a report as it is, and the least there may be', () => {
    expect(agentReportSchema.parse(report)).toEqual(report)
    const least = {
      agent_version: '1.0.0',
      machine_id: 'b'.repeat(64),
      hostname: 'x',
      disks: [],
      addresses: [],
    }
    expect(agentEnrolSchema.parse(least)).toEqual(least)
  })

  it('drops what an agent may not decide (G13)', () => {
    const claims = {
      tenantId: 'x',
      tenant_id: 'x',
      cloudId: 'x',
      role: 'owner',
      enabled: true,
      __proto__: { a: 1 },
    }
    expect(
      agentReportSchema.parse(
        with_({ ...claims, cpu: { ...report.cpu, ...claims }, disks: [{ ...disk, ...claims }] }),
      ),
    ).toEqual(report)
    expect(agentEnrolSchema.parse(report)).not.toHaveProperty('seq')
  })

  it.each([
    ['no seq', with_({ seq: undefined })],
    ['seq 0', with_({ seq: 0 })],
    ['seq as text', with_({ seq: '2' })],
    ['seq past exact whole numbers', with_({ seq: 2 ** 53 })],
    ['NaN', with_({ uptime_seconds: Number.NaN })],
    ['infinity', with_({ load: [0, 0, JSON.parse('1e999')] })],
    ['a negative size', with_({ disks: [{ ...disk, size: -1 }] })],
    ['a clock past the year 9999', with_({ clock: 253_402_300_800 })],
    ['an uptime of centuries', with_({ uptime_seconds: 1e12 })],
    ['100,000 disks', with_({ disks: Array.from({ length: 100_000 }, () => disk) })],
    ['65 addresses', with_({ addresses: Array.from({ length: 65 }, () => address) })],
    ['an address that is none', with_({ addresses: [{ ...address, address: '<b>' }] })],
    ['a long name', with_({ hostname: 'x'.repeat(256) })],
    ['an empty name', with_({ hostname: '' })],
    ['a name that is an object', with_({ hostname: { $ne: 1 } })],
    ['another id', with_({ machine_id: 'A'.repeat(64) })],
    ['a list', [report]],
    ['nothing', null],
    ['ten thousand levels', JSON.parse('['.repeat(10_000) + ']'.repeat(10_000))],
  ])('refuses %s', (_what, body) => {
    expect(agentReportSchema.safeParse(body).success).toBe(false)
  })

  it('makes hostile text inert and leaves ordinary text of any script alone (G22)', () => {
    const name = (hostname: string) => agentReportSchema.parse(with_({ hostname })).hostname
    expect(name('a\x1b[31m\r\n\0\x9b\u202eb\ud800\u2028')).toBe(
      'a\ufffd[31m\ufffd\ufffd\ufffd\ufffd\ufffdb\ufffd\ufffd',
    )
    expect(name('<b>=1+1 "é" 主机 😀')).toBe('<b>=1+1 "é" 主机 😀')
  })
})

it('tells a clock that is off (G19)', () => {
  const now = 1_800_000_000_000
  expect([undefined, 1_800_000_299, 1_799_999_701].map((clock) => isClockOff(clock, now))).toEqual([
    false,
    false,
    false,
  ])
  expect([0, 1_800_086_400, 253_402_300_799].map((clock) => isClockOff(clock, now))).toEqual([
    true,
    true,
    true,
  ])
  expect(AGENT_LIMITS.clockSkewSeconds).toBe(300)
})
