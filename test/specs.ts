import { GIB } from '@/lib/resource-kinds/kind'

/** The least that a resource of each kind needs of its own fields; kinds without an entry need nothing. */
export const LEAST_SPEC: Readonly<
  Record<string, Record<string, string | number | string[] | Record<string, string>>>
> = {
  network: { cidr: '10.20.0.0/24' },
  datastore: { type: 'nfs', capacity: GIB },
  virtual_image: { os: 'Debian', format: 'raw' },
  instance_type: { cores: 1, memory: GIB, disk: GIB },
  profile: { params: { a: 'b' } },
  boot_environment: { kernel: 'https://x.example/k' },
  package: { version: '1', platform: 'linux', install: 'true' },
  workflow: { steps: ['one'] },
  policy: { type: 'maxVms', limit: 3 },
  price: { amount: 1, currency: 'EUR', unit: 'hour' },
}
