import { GIB, type Spec, TIB } from '@/lib/resource-kinds/kind'
import { MASTER_SLUG } from '@/lib/master'
import type { callerOf } from '@/prisma/seed/demo'

type Api = Awaited<ReturnType<typeof callerOf>>

/** Ids of what was made, by name. */
type Made = Record<string, string>

interface Thing {
  kind: string
  name: string
  spec?: Record<string, Exclude<Spec[string], undefined>>
  /** Names of what each field refers to. */
  refs?: Record<string, readonly string[]>
  cloud?: string
  parent?: string
  /** Slug of the tenant that the master assigns it to. */
  assignTo?: string
  isPublic?: boolean
}

const t = (
  kind: string,
  name: string,
  spec: NonNullable<Thing['spec']> = {},
  more: Omit<Thing, 'kind' | 'name' | 'spec'> = {},
): Thing => ({
  kind,
  name,
  spec,
  ...more,
})

const STO = 'Stockholm'
const vm = (name: string, cores: number, gib: number, disk: number, more: Partial<Thing>): Thing =>
  t(
    'virtual_machine',
    name,
    { os: 'Ubuntu 24.04', cores, memory: gib * GIB, disk: disk * GIB },
    { cloud: STO, ...more },
  )

/** The places, before there are customers: those who come later find what is offered to all. */
export const DEMO_CLOUDS: readonly Thing[] = [
  t(
    'cloud',
    STO,
    { provider: 'proxmox ve', location: 'Stockholm, Kista', description: 'Shared by all customers.' },
    { isPublic: true },
  ),
  t('cloud', 'Gothenburg', {
    provider: 'openstack',
    location: 'Gothenburg',
    description: 'Backups and our own.',
  }),
]

/** What Northwind keeps, assigns and offers. */
const NORTHWIND: readonly Thing[] = [
  t(
    'network',
    'sto-internet',
    { cidr: '203.0.113.0/24', gateway: '203.0.113.1', vlan: 100, dns: ['203.0.113.53'] },
    { cloud: STO, isPublic: true },
  ),
  t(
    'network',
    'sto-management',
    { cidr: '10.10.0.0/24', gateway: '10.10.0.1', vlan: 10, dhcp: true },
    { cloud: STO },
  ),
  t(
    'network',
    'acme-shop',
    { cidr: '10.20.0.0/22', gateway: '10.20.0.1', vlan: 220, dns: ['10.20.0.2'] },
    { cloud: STO, assignTo: 'acme' },
  ),
  t(
    'network',
    'bolt-plant',
    { cidr: '10.30.0.0/24', gateway: '10.30.0.1', vlan: 230 },
    { cloud: STO, assignTo: 'bolt' },
  ),
  t('network', 'gbg-backup', { cidr: '10.90.0.0/20', vlan: 900 }, { cloud: 'Gothenburg' }),
  t('datastore', 'sto-ceph', { type: 'ceph', capacity: 400 * TIB, used: 268 * TIB }, { cloud: STO }),
  t(
    'datastore',
    'sto-images',
    { type: 'nfs', capacity: 20 * TIB, used: Math.round(17.4 * TIB) },
    { cloud: STO, isPublic: true },
  ),
  t(
    'datastore',
    'gbg-backup-s3',
    { type: 's3', capacity: 900 * TIB, used: 512 * TIB },
    { cloud: 'Gothenburg' },
  ),
  t('resource_pool', 'sto-general', { cores: 256, memory: 1024 * GIB, disk: 40 * TIB }, { cloud: STO }),
  t(
    'resource_pool',
    'acme-production',
    { cores: 24, memory: 96 * GIB, disk: 4 * TIB },
    { cloud: STO, parent: 'sto-general', assignTo: 'acme' },
  ),
  t('folder', 'Customers', { description: 'A folder for each of them.' }, { cloud: STO }),
  t(
    'virtual_image',
    'Ubuntu 24.04 LTS',
    { os: 'Ubuntu 24.04', format: 'qcow2', size: Math.round(0.6 * GIB), minDisk: 10 * GIB },
    { isPublic: true },
  ),
  t(
    'virtual_image',
    'Debian 12',
    { os: 'Debian 12', format: 'qcow2', size: Math.round(0.4 * GIB), minDisk: 4 * GIB },
    { isPublic: true },
  ),
  t('virtual_image', 'Rocky Linux 9', {
    os: 'Rocky Linux 9',
    format: 'qcow2',
    size: Math.round(1.1 * GIB),
    minDisk: 20 * GIB,
  }),
  t('price', 'Small machine', { amount: 0.018, currency: 'EUR', unit: 'hour' }, { isPublic: true }),
  t('price', 'Medium machine', { amount: 0.052, currency: 'EUR', unit: 'hour' }, { isPublic: true }),
  t('price', 'Large machine', { amount: 0.21, currency: 'EUR', unit: 'hour' }),
  t(
    'instance_type',
    'small',
    { cores: 2, memory: 4 * GIB, disk: 20 * GIB },
    { refs: { price: ['Small machine'] }, isPublic: true },
  ),
  t(
    'instance_type',
    'medium',
    { cores: 4, memory: 16 * GIB, disk: 80 * GIB },
    { refs: { price: ['Medium machine'] }, isPublic: true },
  ),
  t(
    'instance_type',
    'large',
    { cores: 16, memory: 64 * GIB, disk: 400 * GIB },
    { refs: { price: ['Large machine'] } },
  ),
  vm('nw-monitoring', 4, 16, 200, {
    parent: 'sto-general',
    refs: { networks: ['sto-management'], datastores: ['sto-ceph'], image: ['Debian 12'] },
  }),
  vm('nw-mail', 2, 8, 100, {
    parent: 'sto-general',
    refs: { networks: ['sto-management', 'sto-internet'], datastores: ['sto-ceph'] },
  }),
  vm('acme-shop-1', 8, 32, 200, {
    parent: 'acme-production',
    refs: {
      networks: ['acme-shop'],
      datastores: ['sto-ceph'],
      image: ['Ubuntu 24.04 LTS'],
      instanceType: ['medium'],
    },
    assignTo: 'acme',
  }),
  vm('acme-shop-2', 8, 32, 200, {
    parent: 'acme-production',
    refs: {
      networks: ['acme-shop'],
      datastores: ['sto-ceph'],
      image: ['Ubuntu 24.04 LTS'],
      instanceType: ['medium'],
    },
    assignTo: 'acme',
  }),
  vm('acme-search', 12, 48, 900, {
    parent: 'acme-production',
    refs: { networks: ['acme-shop'] },
    assignTo: 'acme',
  }),
  vm('bolt-mes', 4, 16, 120, { refs: { networks: ['bolt-plant'] }, assignTo: 'bolt' }),
  t(
    'profile',
    'baseline',
    {
      params: {
        ntp_server: 'time.northwind.example',
        syslog_target: '10.10.0.20:514',
        timezone: 'Europe/Stockholm',
      },
      description: 'What every machine of ours gets.',
    },
    { isPublic: true },
  ),
  t('profile', 'rack-5', { params: { console: 'ttyS1,115200', rack: '5' } }),
  t('boot_environment', 'Debian 12 installer', {
    kernel: 'https://mirror.northwind.example/debian/12/linux',
    initrds: ['https://mirror.northwind.example/debian/12/initrd.gz'],
    arguments: 'auto=true priority=critical url={{preseed}} console={{console}}',
    params: { preseed: 'https://mirror.northwind.example/debian/12/preseed.cfg', console: 'tty0' },
  }),
  t(
    'bare_metal',
    'rack5-node-1',
    {
      manufacturer: 'Supermicro',
      model: 'AS-1115SV',
      serial: 'SM-5001',
      cores: 32,
      memory: 256 * GIB,
      macs: ['52:54:00:5a:00:01'],
      management: '10.10.0.51',
    },
    {
      cloud: STO,
      parent: 'sto-general',
      refs: {
        bootEnvironment: ['Debian 12 installer'],
        profiles: ['rack-5', 'baseline'],
        networks: ['sto-management'],
      },
    },
  ),
  t(
    'bare_metal',
    'rack5-node-2',
    {
      manufacturer: 'Supermicro',
      model: 'AS-1115SV',
      serial: 'SM-5002',
      cores: 32,
      memory: 256 * GIB,
      macs: ['52:54:00:5a:00:02'],
      management: '10.10.0.52',
    },
    { cloud: STO, refs: { bootEnvironment: ['Debian 12 installer'], profiles: ['rack-5'] } },
  ),
  t(
    'package',
    'node-exporter',
    {
      version: '1.9.0',
      platform: 'linux',
      install: 'apt-get install -y prometheus-node-exporter',
      uninstall: 'apt-get purge -y prometheus-node-exporter',
    },
    { isPublic: true },
  ),
  t('package', 'restic', { version: '0.17.3', platform: 'linux', install: 'apt-get install -y restic' }),
  t('workflow', 'Patch and reboot', {
    steps: ['Drain the machine', 'Install updates', 'Reboot', 'Check that its services answer'],
  }),
  t('policy', 'At most 50 machines', { type: 'maxVms', limit: 50 }),
]

/** What Acme made itself. */
const ACME: readonly Thing[] = [
  t('network', 'acme-office', { cidr: '192.168.20.0/24', gateway: '192.168.20.1', vlan: 20, dhcp: true }),
  t('virtual_image', 'acme-pos-2.4', {
    os: 'Alpine 3.21',
    format: 'raw',
    size: Math.round(0.9 * GIB),
    minDisk: 30 * GIB,
  }),
  t('profile', 'pos-terminals', {
    params: { kiosk_url: 'https://pos.acme.example', timezone: 'Europe/Helsinki' },
  }),
  t(
    'blueprint',
    'Web shop',
    { description: 'Two shop servers behind the office network.' },
    {
      refs: {
        images: ['Ubuntu 24.04 LTS'],
        instanceTypes: ['medium'],
        networks: ['acme-shop', 'acme-office'],
      },
    },
  ),
  t(
    'blueprint',
    'Till',
    { description: 'A point of sale.' },
    { refs: { images: ['acme-pos-2.4'], instanceTypes: ['small'], networks: ['acme-office'] } },
  ),
]

/** @param made names what things may refer to, and grows */
export async function makeThings(api: Api, things: readonly Thing[], made: Made): Promise<void> {
  const idOf = (name: string) => {
    const id = made[name]
    if (!id) throw new Error(`The demo has no ${name} yet`)
    return id
  }
  for (const { kind, name, spec = {}, refs = {}, cloud, parent } of things) {
    const { id } = await api.resources.create({
      kind,
      name,
      spec,
      refs: Object.entries(refs).map(([field, names]) => ({ field, ids: names.map(idOf) })),
      cloudId: cloud === undefined ? undefined : idOf(cloud),
      parentId: parent === undefined ? undefined : idOf(parent),
    })
    made[name] = id
  }
}

/** Offers to all what is meant for all. */
export async function publishThings(api: Api, things: readonly Thing[], made: Made): Promise<void> {
  for (const { kind, name, isPublic } of things)
    if (isPublic) await api.resources.setVisibility({ kind, ids: [made[name] ?? ''], visibility: 'public' })
}

/** Grants the shared cloud by tenant role: who may share builds in it, the others use what is there. */
export async function offerClouds(
  api: Api,
  caps: Awaited<ReturnType<Api['tenantRoles']['options']>>,
  made: Made,
): Promise<void> {
  for (const { id, sharing } of caps) {
    const cap = await api.tenantRoles.get({ id })
    await api.tenantRoles.update({
      id,
      name: cap.name,
      description: cap.description,
      levels: cap.levels,
      defaultCloudLevel: cap.defaultCloudLevel,
      clouds: [{ id: made[STO] ?? '', level: sharing ? 'full' : 'read' }],
      landing: cap.landing,
      updatedAt: cap.updatedAt,
    })
  }
}

/** @param tenants ids by slug @param as the procedures as somebody calls them */
export async function seedLibrary(
  as: (slug: string, username: string) => Promise<Api>,
  made: Made,
  tenants: Readonly<Record<string, string>>,
): Promise<void> {
  const mara = await as(MASTER_SLUG, 'mara')
  await makeThings(mara, NORTHWIND, made)
  await publishThings(mara, NORTHWIND, made)
  for (const { kind, name, assignTo } of NORTHWIND)
    if (assignTo)
      await mara.resources.assign({ kind, ids: [made[name] ?? ''], tenantId: tenants[assignTo] ?? '' })
  const ada = await as('acme', 'ada')
  await makeThings(ada, ACME, made)
  const share = (api: Api, kind: string, name: string, role: 'viewer' | 'editor', tenantId = '') =>
    api.grants.create({ kind, resourceId: made[name] ?? '', tenantId, role })
  await share(mara, 'virtual_image', 'Rocky Linux 9', 'viewer', tenants.bolt)
  await share(ada, 'blueprint', 'Till', 'editor', tenants.bolt)
  await makeGroup(mara, 'Networks', 'What carries traffic', NORTHWIND.filter(isNetwork), made)
  await makeGroup(ada, 'Shops', 'What the tills need', ACME, made)
}

const isNetwork = ({ kind, assignTo }: Thing) => kind === 'network' && assignTo === undefined

async function makeGroup(
  api: Api,
  name: string,
  description: string,
  things: readonly Thing[],
  made: Made,
): Promise<void> {
  const { id } = await api.groups.create({ name, description })
  await api.groups.setMembers({ id, add: things.flatMap((thing) => made[thing.name] ?? []) })
}

/** Gives machines of the fleet their profiles, once they are enrolled. @param hosts ids by machine name */
export async function profileFleet(
  as: (slug: string, username: string) => Promise<Api>,
  hosts: Readonly<Record<string, string>>,
): Promise<void> {
  const give = async (
    api: Api,
    machine: string,
    profiles: readonly string[],
    params: Record<string, string>,
  ) => {
    const id = hosts[machine]
    if (!id) return
    const { rows } = await api.resources.options({ kind: 'host', field: 'profiles' })
    const ids = profiles.flatMap((name) => rows.find((row) => row.name === name)?.id ?? [])
    const { name, updatedAt } = await api.resources.get({ kind: 'host', id })
    await api.resources.update({
      kind: 'host',
      id,
      name,
      updatedAt,
      spec: { params },
      refs: [{ field: 'profiles', ids }],
    })
  }
  await give(await as(MASTER_SLUG, 'mara'), 'nw-core-1', ['baseline'], { role: 'hypervisor' })
  const ada = await as('acme', 'ada')
  await give(ada, 'acme-ci-1', ['baseline'], { runner_slots: '8' })
  await give(ada, 'acme-pos-gateway', ['pos-terminals', 'baseline'], {})
}
