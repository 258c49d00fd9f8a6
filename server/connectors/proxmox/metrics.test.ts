import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { METRIC_SPANS, SPAN } from '@/lib/metric-spans'
import { ConnectorError } from '@/server/connectors/contract'
import { PROXMOX } from '@/server/connectors/proxmox'
import { readMetrics } from '@/server/connectors/proxmox/metrics'
import { createTransport } from '@/server/connectors/transport/transport'
import { ProxmoxEmulator } from '@/test/proxmox/emulator'
import recorded from '@/test/proxmox/recorded.json'
import { rrdRows } from '@/test/proxmox/rrd'

const entry = recorded.entries.find(({ path }) => path.includes('/rrddata?'))
const real = (entry?.body as { data: Record<string, number>[] }).data
const GUEST = { type: 'qemu', status: 'running', cores: 2, memory: 128, size: 1 } as const
/** On a step of every span. */
const T = 1_795_262_400

describe('the history that a real Proxmox VE answered', () => {
  it('is read: what stood still is left out, as are rows of nothing but their time', () => {
    expect(readMetrics(real, 'hour')).toEqual([
      {
        at: '2026-11-21T12:42:00.000Z',
        cpu: 0.0302683558896162,
        ...{ memoryUsed: 0, memoryTotal: 134_217_728, netIn: 0, netOut: 0 },
      },
    ])
  })

  it('has the fields that the emulator’s has', () => {
    // The recorded guest's disk had no two readings yet; the names are those that /cluster/resources has.
    const fields = [...real.flatMap((row) => Object.keys(row)), 'diskread', 'diskwrite']
    for (const status of ['running', 'stopped'])
      for (const row of rrdRows({ ...GUEST, status }, 'hour'))
        expect(fields).toEqual(expect.arrayContaining(Object.keys(row)))
  })
})

describe('rows of a history', () => {
  it('are at most 481 points, each the mean of its rows, the oldest first', () => {
    for (const span of METRIC_SPANS) {
      const points = readMetrics(rrdRows(GUEST, span), span)
      expect(points.length, span).toBeGreaterThan(50)
      expect(points.length, span).toBeLessThanOrEqual(481)
    }
    const rows = [
      { time: T + 180, netin: 5 },
      { time: T + 120, cpu: 0.6, mem: 300 },
      { time: T, cpu: 0.2, mem: 100 },
      { time: T + 60, mem: 200 },
    ]
    expect(readMetrics(rows, 'day')).toEqual([
      { at: '2026-11-21T12:00:00.000Z', cpu: 0.4, memoryUsed: 200 },
      { at: '2026-11-21T12:03:00.000Z', netIn: 5 },
    ])
  })

  it('that reach further back than was asked for are cut', () => {
    const rows = Array.from({ length: 70 }, (_, n) => ({ time: T + n * 10_800, cpu: 0.5 }))
    const points = readMetrics(rows, 'week')
    expect(points).toHaveLength(56)
    expect(points.at(-1)?.at).toBe(new Date((T + 69 * 10_800) * 1000).toISOString())
  })

  it('of a hostile or broken server are bounded, and read as far as they can be (I10)', () => {
    const odd = [
      null,
      7,
      'row',
      {},
      { time: 'now', cpu: 1 },
      { time: -60, cpu: 1 },
      { time: 1e15, cpu: 1 },
      { time: Infinity, cpu: 1 },
      { time: T, cpu: 12, mem: -1, netin: 'much', netout: NaN, diskread: 1e300, diskwrite: 8 },
    ]
    expect(readMetrics(odd, 'hour')).toEqual([{ at: '2026-11-21T12:00:00.000Z', cpu: 1, diskWrite: 8 }])
    const many = Array.from({ length: 100_000 }, (_, n) => ({ time: n, cpu: 0.5 }))
    expect(readMetrics(many, 'hour').length).toBeLessThanOrEqual(61)
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue(),
          fc.array(
            fc.record({ time: fc.oneof(fc.nat(), fc.double()), cpu: fc.jsonValue(), mem: fc.double() }),
          ),
        ),
        fc.constantFrom(...METRIC_SPANS),
        (data, span) => {
          try {
            for (const { at, ...figures } of readMetrics(data, span)) {
              expect(new Date(at).toISOString()).toMatch(/^\d{4}-/)
              for (const figure of Object.values(figures)) expect(figure).toBeGreaterThanOrEqual(0)
            }
          } catch (error) {
            expect(error).toBeInstanceOf(ConnectorError)
          }
        },
      ),
    )
  })
})

describe('the connector', () => {
  let pve: ProxmoxEmulator
  beforeAll(async () => {
    pve = await new ProxmoxEmulator().start()
  })
  afterAll(() => pve.stop())

  const asked = async (externalId: string) => {
    const { signal } = new AbortController()
    const transport = createTransport({
      endpoint: { scheme: 'https', host: '127.0.0.1', port: pve.port },
      egress: { networks: [], local: [`127.0.0.1:${pve.port}`] },
      trust: { fingerprint: pve.fingerprint },
      signal,
    })
    const context = { transport, settings: {}, secret: { tokenId: pve.tokenId, token: pve.token }, signal }
    return (await PROXMOX.metrics?.(context, { kind: 'virtual_machine', externalId }, 'day')) ?? []
  }

  it('asks the node that the guest is on now, for machines and containers', async () => {
    pve.add({ vmid: 100, node: 'pve2', status: 'running' })
    pve.add({ vmid: 200, type: 'lxc' })
    const points = await asked('qemu/100')
    expect(SPAN.day.seconds / SPAN.day.step).toBe(480)
    expect(points.at(-1)).toMatchObject({ memoryTotal: 134_217_728, cpu: expect.any(Number) as number })
    expect(await asked('lxc/200')).toEqual([]) // it is off
    expect(pve.asked.filter((one) => one.includes('rrddata'))).toEqual([
      'GET /nodes/pve2/qemu/100/rrddata?timeframe=day&cf=AVERAGE',
      'GET /nodes/pve1/lxc/200/rrddata?timeframe=day&cf=AVERAGE',
    ])
  })

  it('asks nothing of what is no guest, and says so of one that is gone', async () => {
    pve.asked.length = 0
    await expect(asked('node/pve1')).rejects.toMatchObject({ code: 'unsupported' })
    await expect(asked('qemu/100/../../x')).rejects.toMatchObject({ code: 'unsupported' })
    expect(pve.asked).toEqual([])
    await expect(asked('qemu/999')).rejects.toMatchObject({ code: 'not_found' })
  })
})
