import { randomUUID } from 'node:crypto'

export const PROJECT = {
  id: '8e1b0c5a4f6d4f0c9b7a2d3e4f5a6b7c',
  name: 'shop',
  domain: { id: 'default', name: 'Default' },
}
const STRANGER = '0f1e2d3c4b5a69788796a5b4c3d2e1f0'

export const KEYSTONE = {
  version: {
    id: 'v3.14',
    status: 'stable',
    updated: '2020-04-07T00:00:00Z',
    links: [{ rel: 'self', href: 'https://cloud.example/identity/v3/' }],
    'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' }],
  },
}
export const NOVA = {
  version: {
    id: 'v2.1',
    status: 'CURRENT',
    version: '2.93',
    min_version: '2.1',
    updated: '2013-07-23T11:33:21Z',
    links: [{ rel: 'self', href: 'https://cloud.example/compute/v2.1/' }],
  },
}

const PATHS: Readonly<Record<string, string>> = {
  identity: '/identity',
  compute: '/compute/v2.1',
  network: '/networking',
  image: '/image',
  'block-storage': `/volume/v3/${PROJECT.id}`,
}
interface TokenOptions {
  id: string
  port: number
  roles: string[]
  life: number
  isRestricted: boolean
  elsewhere: Readonly<Record<string, string>>
  absent: readonly string[]
}

/** What Keystone says with a token. */
export function tokenOf({ id, port, roles, life, isRestricted, elsewhere, absent }: TokenOptions) {
  const issued = Date.now()
  const iso = (at: number) => new Date(at).toISOString().replace(/\.(\d{3})Z$/, '.$1000Z')
  const endpoint = (face: string, url: string) => ({
    id: randomUUID().replaceAll('-', ''),
    interface: face,
    region: 'RegionOne',
    region_id: 'RegionOne',
    url,
  })
  const catalog = Object.keys(PATHS)
    .filter((type) => !absent.includes(type))
    .map((type) => ({
      id: randomUUID().replaceAll('-', ''),
      type,
      name: type,
      endpoints: [
        endpoint('internal', `http://10.0.0.2:9999${PATHS[type]}`),
        endpoint('public', elsewhere[type] ?? `https://127.0.0.1:${port}${PATHS[type]}`),
      ],
    }))
  return {
    token: {
      methods: ['application_credential'],
      user: { id: STRANGER, name: 'ada', domain: PROJECT.domain, password_expires_at: null },
      audit_ids: ['J0zlG7TkR3i4kQd7cYJ0yA'],
      expires_at: iso(issued + life * 1000),
      issued_at: iso(issued),
      project: PROJECT,
      is_domain: false,
      roles: roles.map((name) => ({ id: `${name}-id`, name })),
      catalog,
      application_credential: { id, name: 'freehold', restricted: isRestricted },
    },
  }
}

const NET = { front: '2a1f6a4e-7d5c-4c7e-9f55-0c4d8c7b6a01', outside: '2a1f6a4e-7d5c-4c7e-9f55-0c4d8c7b6a02' }
const IMAGE = '70a599e0-31e7-49b7-b260-868f441e862b'
export const VOLUME = 'f1b2c3d4-0000-4000-8000-00000000000a'
const WEB = '9168b536-cd40-4630-b43f-b259807c6e87'

/** A server as /servers/detail and /servers/{id} tell it in version 2.47. */
export function serverOf(name: string, status: string, id: string = name === 'web' ? WEB : randomUUID()) {
  return {
    id,
    name,
    status,
    tenant_id: PROJECT.id,
    user_id: STRANGER,
    metadata: { admin_pass: 'hunter2' },
    hostId: 'c4b1d0a5',
    image: { id: IMAGE, links: [{ rel: 'bookmark', href: `https://cloud.example/images/${IMAGE}` }] } as
      object | '',
    flavor: {
      vcpus: 2,
      ram: 4096,
      disk: 20,
      ephemeral: 0,
      swap: 0,
      original_name: 'm1.medium',
      extra_specs: {},
    },
    created: '2026-11-29T11:00:00Z',
    updated: '2026-11-29T11:05:00Z',
    addresses: {
      front: [
        {
          version: 4,
          addr: '10.20.0.7',
          'OS-EXT-IPS:type': 'fixed',
          'OS-EXT-IPS-MAC:mac_addr': 'fa:16:3e:00:00:01',
        },
        {
          version: 4,
          addr: '203.0.113.9',
          'OS-EXT-IPS:type': 'floating',
          'OS-EXT-IPS-MAC:mac_addr': 'fa:16:3e:00:00:01',
        },
      ],
    },
    accessIPv4: '',
    accessIPv6: '',
    links: [{ rel: 'self', href: `https://cloud.example/compute/v2.1/servers/${id}` }],
    'OS-DCF:diskConfig': 'MANUAL',
    progress: 0,
    'OS-EXT-AZ:availability_zone': 'nova',
    config_drive: '',
    key_name: 'ada' as string | null,
    'OS-SRV-USG:launched_at': '2026-11-29T11:05:00.000000' as string | null,
    'OS-SRV-USG:terminated_at': null,
    security_groups: [{ name: 'default' }],
    'OS-EXT-STS:task_state': null as string | null,
    'OS-EXT-STS:vm_state': status.toLowerCase(),
    'OS-EXT-STS:power_state': 1,
    'os-extended-volumes:volumes_attached': [{ id: VOLUME, delete_on_termination: false }],
    locked: false,
    description: null as string | null,
    tags: ['prod'],
    fault: undefined as object | undefined,
  }
}
export type Server = ReturnType<typeof serverOf>

/** What each action is allowed from, what is under way meanwhile, and what it leads to. */
export const CHANGES: Readonly<Record<string, { from: string[]; task: string; to: string }>> = {
  'os-start': { from: ['SHUTOFF'], task: 'powering-on', to: 'ACTIVE' },
  'os-stop': { from: ['ACTIVE', 'ERROR'], task: 'powering-off', to: 'SHUTOFF' },
  reboot: { from: ['ACTIVE'], task: 'rebooting', to: 'ACTIVE' },
  suspend: { from: ['ACTIVE'], task: 'suspending', to: 'SUSPENDED' },
  resume: { from: ['SUSPENDED'], task: 'resuming', to: 'ACTIVE' },
  unpause: { from: ['PAUSED'], task: 'unpausing', to: 'ACTIVE' },
  delete: { from: ['ACTIVE', 'SHUTOFF', 'ERROR', 'PAUSED', 'SUSPENDED'], task: 'deleting', to: 'DELETED' },
}

const network = (id: string, name: string, more: object) => ({
  id,
  name,
  tenant_id: PROJECT.id,
  project_id: PROJECT.id,
  admin_state_up: true,
  mtu: 1450,
  status: 'ACTIVE',
  subnets: [],
  shared: false,
  availability_zone_hints: [],
  availability_zones: ['nova'],
  ipv4_address_scope: null,
  ipv6_address_scope: null,
  'router:external': false,
  description: '',
  port_security_enabled: true,
  tags: [],
  created_at: '2026-11-29T10:00:00Z',
  updated_at: '2026-11-29T10:00:00Z',
  revision_number: 2,
  ...more,
})
const subnet = (id: string, version: number, cidr: string, gateway_ip: string) => ({
  id,
  name: id,
  tenant_id: PROJECT.id,
  project_id: PROJECT.id,
  network_id: NET.front,
  ip_version: version,
  subnetpool_id: null,
  enable_dhcp: true,
  ipv6_ra_mode: null,
  ipv6_address_mode: null,
  gateway_ip,
  cidr,
  allocation_pools: [],
  host_routes: [],
  dns_nameservers: ['10.20.0.2'],
  description: '',
})
const image = (id: string, name: string, more: object) => ({
  id,
  name,
  status: 'active',
  visibility: 'public',
  owner: STRANGER,
  os_distro: 'debian',
  os_version: '12',
  container_format: 'bare',
  disk_format: 'qcow2',
  size: 350_000_000,
  virtual_size: null,
  min_disk: 3,
  min_ram: 0,
  protected: false,
  os_hidden: false,
  tags: [],
  checksum: '1bca2f2bb6a1c0ec5f1f1b6ac6a7bd4a',
  created_at: '2026-11-01T00:00:00Z',
  updated_at: '2026-11-01T00:00:00Z',
  self: `/v2/images/${id}`,
  file: `/v2/images/${id}/file`,
  schema: '/v2/schemas/image',
  ...more,
})

/** Rows of the other services' lists, by path. */
export const listsOf = (project: string) =>
  ({
    '/networking/v2.0/networks': {
      field: 'networks',
      rows: [
        network(NET.front, 'front', { 'provider:network_type': 'vlan', 'provider:segmentation_id': 120 }),
        network(NET.outside, 'outside', { project_id: STRANGER, 'router:external': true, status: 'DOWN' }),
      ],
    },
    '/networking/v2.0/subnets': {
      field: 'subnets',
      rows: [
        subnet('3b80198d-4f7b-4f77-9ef5-774d54e17106', 6, 'fd00:20::/64', 'fd00:20::1'),
        subnet('3b80198d-4f7b-4f77-9ef5-774d54e17107', 4, '10.20.0.0/24', '10.20.0.1'),
      ],
    },
    '/networking/v2.0/ports': {
      field: 'ports',
      rows: [
        { id: '46d4bfb9-b26e-41f3-bd2e-e6dcc1ccedb2', network_id: NET.front, device_id: WEB },
        { id: '46d4bfb9-b26e-41f3-bd2e-e6dcc1ccedb3', network_id: NET.front, device_id: '' },
      ],
    },
    '/image/v2/images': {
      field: 'images',
      rows: [
        image(IMAGE, 'debian-12', {}),
        image('70a599e0-31e7-49b7-b260-868f441e862c', 'mine', {
          owner: project,
          visibility: 'private',
          os_distro: undefined,
          os_version: undefined,
          disk_format: 'vdi',
          status: 'queued',
          size: null,
        }),
      ],
    },
    [`/volume/v3/${project}/volumes/detail`]: {
      field: 'volumes',
      rows: [
        {
          id: VOLUME,
          name: 'data',
          description: null,
          status: 'in-use',
          size: 50,
          volume_type: 'ssd',
          bootable: 'false',
          encrypted: false,
          multiattach: false,
          metadata: {},
          attachments: [{ server_id: WEB, device: '/dev/vdb' }],
          availability_zone: 'nova',
          created_at: '2026-11-29T10:00:00.000000',
        },
      ],
    },
  }) satisfies Record<string, { field: string; rows: readonly { id: string; [field: string]: unknown }[] }>
