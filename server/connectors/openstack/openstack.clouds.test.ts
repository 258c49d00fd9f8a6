import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startCloud, whyNoOpenStack, type Cloud } from '@/test/openstack/cloud'
import { createTransport } from '../transport/transport'
import type { ActionName, Found, Outcome } from '../contract'
import { OPENSTACK } from '.'

const why = whyNoOpenStack()
const FAR = AbortSignal.timeout(1_200_000)

/** Keystone, Nova with its fake driver, Neutron, Glance and Placement, at one address. */
describe.skipIf(why)(`OpenStack${why && ` (skipped: ${why})`}`, () => {
  let cloud: Cloud
  beforeAll(async () => {
    cloud = await startCloud()
  })
  afterAll(() => cloud?.stop())

  const open = (secret = cloud.credential.secret) => ({
    transport: createTransport({
      endpoint: { scheme: 'https', host: '127.0.0.1', port: cloud.port },
      egress: { networks: [], local: [`127.0.0.1:${cloud.port}`] },
      trust: { fingerprint: cloud.fingerprint },
      signal: FAR,
    }),
    settings: {},
    secret: { id: cloud.credential.id, secret },
    signal: FAR,
  })
  const discovered = async () => {
    const all: Found[] = []
    for await (const batch of OPENSTACK.discover(open())) all.push(...batch)
    return all
  }
  const named = async (name: string) => (await discovered()).find((found) => found.name === name)
  const does = async (name: ActionName, target: Found): Promise<Outcome> =>
    OPENSTACK.follow!(open(), await OPENSTACK.act!(open(), { name, target }))
  const until = async (isSo: () => Promise<boolean>) => {
    for (let tries = 0; !(await isSo()); tries++) {
      if (tries > 120) throw new Error('It never came to be')
      await new Promise((resolve) => setTimeout(resolve, 1000))
    }
  }
  const well = { ok: true, message: '' }

  test('says to which cloud it came, and takes no wrong secret', async () => {
    expect(await OPENSTACK.test(open())).toEqual({
      server: expect.stringMatching(/^OpenStack \(compute API 2\.\d+\), project shop$/) as string,
      version: expect.stringMatching(/^2\.\d+$/) as string,
      findings: [],
    })
    await expect(OPENSTACK.test(open('wrong'))).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  test('finds what is made there, and follows actions to their real end', async () => {
    const { network } = (await cloud.admin('POST', '/network/v2.0/networks', {
      network: { name: 'front' },
    })) as unknown as { network: { id: string } }
    await cloud.admin('POST', '/network/v2.0/subnets', {
      subnet: { network_id: network.id, cidr: '10.20.0.0/24', ip_version: 4, dns_nameservers: ['10.20.0.2'] },
    })
    const image = (await cloud.admin('POST', '/image/v2/images', {
      ...{
        name: 'small',
        disk_format: 'qcow2',
        container_format: 'bare',
        visibility: 'public',
        os_distro: 'debian',
      },
    })) as unknown as { id: string }
    await cloud.admin('PUT', `/image/v2/images/${image.id}/file`, Buffer.from('no real image'))
    const { flavor } = (await cloud.admin('POST', '/compute/v2.1/flavors', {
      flavor: { name: 'm1.tiny', vcpus: 1, ram: 64, disk: 1 },
    })) as unknown as { flavor: { id: string } }
    await cloud.admin('POST', '/compute/v2.1/servers', {
      server: {
        name: 'web',
        imageRef: image.id,
        flavorRef: flavor.id,
        networks: 'none',
        metadata: { admin_pass: 'hunter2' },
      },
    })
    await until(async () => (await named('web'))?.status === 'running')
    const web = (await named('web'))!
    await cloud.admin('POST', '/network/v2.0/ports', {
      port: { network_id: network.id, device_id: web.externalId.slice('server/'.length) },
    })
    const all = await discovered()
    const folder = `project/${cloud.project.id}`
    expect(all.find(({ kind }) => kind === 'folder')).toMatchObject({ externalId: folder, name: 'shop' })
    expect(all.find(({ name }) => name === 'front')).toMatchObject({
      kind: 'network',
      parent: folder,
      spec: { cidr: '10.20.0.0/24', gateway: '10.20.0.1', dhcp: true, dns: ['10.20.0.2'] },
    })
    expect(all.find(({ name }) => name === 'small')).toMatchObject({
      kind: 'virtual_image',
      parent: folder,
      status: 'online',
      spec: { os: 'debian', format: 'qcow2', size: 13 },
    })
    expect(all.find(({ name }) => name === 'web')).toMatchObject({
      kind: 'virtual_machine',
      parent: folder,
      spec: { cores: 1, memory: 64 * 2 ** 20, disk: 2 ** 30 },
      facts: { Flavor: 'm1.tiny' },
      links: { networks: [`network/${network.id}`], image: [`image/${image.id}`] },
    })
    expect(JSON.stringify(all)).not.toMatch(/hunter/)

    expect(await does('start', web)).toMatchObject({
      ok: false,
      message: expect.stringContaining('active') as string,
    })
    expect(await does('delete', web)).toMatchObject({ ok: false })
    expect(await does('suspend', web)).toEqual(well)
    expect(await named('web')).toMatchObject({ status: 'paused' })
    expect(await does('resume', web)).toEqual(well)
    expect(await does('reboot', web)).toEqual(well)
    expect(await does('stop', web)).toEqual(well)
    expect(await named('web')).toMatchObject({ status: 'stopped', externalId: web.externalId })
    expect(await does('start', web)).toEqual(well)
    expect(await does('stop', web)).toEqual(well)
    expect(await does('delete', web)).toEqual(well)
    expect(await named('web')).toBeUndefined()
    await expect(OPENSTACK.act!(open(), { name: 'start', target: web })).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})
