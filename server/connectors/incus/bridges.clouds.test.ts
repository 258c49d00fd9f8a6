import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { ensureBridges, ensureIncus, ensureLxd, startApart, type Incus } from '@/test/incus'
import { INCUS } from '.'
import { bySocket, contextOf, discovered, enrolled } from './incus.fixture'

const isReady = ensureIncus() && ensureLxd() && ensureBridges()
const why = isReady ? '' : ' (skipped: not root on Linux, or no lxd, Incus or dnsmasq-base from Debian)'

describe.skipIf(!isReady).each(['Incus', 'LXD'] as const)(`A bridge of %s${why}`, (name) => {
  let daemon: Incus
  let admin: ReturnType<typeof contextOf>
  beforeAll(async () => {
    daemon = await startApart(name)
    admin = contextOf(bySocket(daemon.socket))
    await daemon.admin('POST', '/1.0/networks', {
      ...{ name: 'front', type: 'bridge', description: 'Of all' },
      config: { 'ipv4.address': '10.99.9.1/24', 'ipv4.nat': 'false', 'ipv6.address': 'none' },
    })
  })
  afterAll(() => daemon?.stop())

  const named = async (wanted: string, by = admin) =>
    (await discovered(by)).find((each) => each.name === wanted)

  test('is found, and an instance is made in it and has its address there', async () => {
    const front = await named('front')
    expect(front).toMatchObject({
      ...{ kind: 'network', externalId: 'network/default/front', parent: 'project/default' },
      spec: { description: 'Of all', cidr: '10.99.9.0/24', gateway: '10.99.9.1', dhcp: true },
      facts: { Type: 'bridge', Project: 'default' },
    })
    const creation = {
      ...{ name: 'web', source: (await named('busybox'))!.externalId, place: 'project/acme' },
      ...{ datastore: 'pool/local', network: front!.externalId },
      ...{ cores: 1, memory: 2 ** 26, disk: 2 ** 30, start: true },
    }
    const id = await INCUS.newId!(admin, creation)
    const made = await INCUS.finish!(admin, creation, id, await INCUS.create!(admin, creation, id))
    expect(made).toEqual({ ok: true, message: '', status: 'running', externalId: id })
    const { stream } = await INCUS.console!(admin, (await named('web'))!)
    stream.resume()
    stream.write('ip addr add 10.99.9.7/24 dev eth0; ip link set eth0 up; exit\n')
    await vi.waitFor(
      async () =>
        expect(await named('web')).toMatchObject({
          spec: { addresses: ['10.99.9.7'] },
          links: { networks: ['network/default/front'] },
        }),
      { timeout: 10_000, interval: 200 },
    )
  })
  test('is there for a restricted certificate too, which makes an instance in it', async () => {
    const own = await enrolled(daemon, ['acme'])
    const front = await named('front', own)
    expect(front).toMatchObject({ kind: 'network', externalId: 'network/default/front' })
    // neither tells it the configuration
    expect(front?.spec).toEqual({ description: 'Of all' })
    const creation = {
      ...{ name: 'own', source: (await named('busybox', own))!.externalId, place: 'project/acme' },
      ...{ datastore: 'pool/local', network: front!.externalId },
      ...{ cores: 1, memory: 2 ** 26, disk: 2 ** 30, start: true },
    }
    const id = await INCUS.newId!(own, creation)
    const made = await INCUS.finish!(own, creation, id, await INCUS.create!(own, creation, id))
    expect(made).toEqual({ ok: true, message: '', status: 'running', externalId: id })
    expect(await named('own', own)).toMatchObject({ links: { networks: ['network/default/front'] } })
  })
})
