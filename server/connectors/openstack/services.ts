import { z } from 'zod'
import { ConnectorError } from '../contract'

/** What a cloud is made of, by the types of its catalogue, the usual one first. */
const TYPES = {
  compute: ['compute'],
  network: ['network'],
  image: ['image'],
  volume: ['block-storage', 'volumev3', 'volume'],
} as const
export type ServiceName = keyof typeof TYPES

/** A service's path below the address of the connection; `elsewhere` where it stands at another one, `absent` where there is none. */
export type Place = { path: string } | 'elsewhere' | 'absent'
export type Services = Record<ServiceName, Place>

const endpoint = z.looseObject({
  url: z.string().max(2000),
  interface: z.string(),
  region: z.string().nullish(),
})
const service = z.looseObject({ type: z.string(), endpoints: z.array(z.unknown()) })
type Endpoint = z.infer<typeof endpoint>

/** Public endpoints of services of this type. */
function endpointsOf(catalog: readonly unknown[], types: readonly string[], region?: string): Endpoint[] {
  const services = catalog.flatMap((one) => service.safeParse(one).data ?? [])
  return types.flatMap((type) =>
    services
      .filter((one) => one.type === type)
      .flatMap(({ endpoints }) => endpoints.flatMap((one) => endpoint.safeParse(one).data ?? []))
      .filter((one) => one.interface === 'public' && (region === undefined || one.region === region)),
  )
}

/** Version of each API, with which its path ends unless the catalogue says so. */
const VERSIONS: Readonly<Record<Exclude<ServiceName, 'compute'>, { suffix: string; ends: RegExp }>> = {
  network: { suffix: '/v2.0', ends: /\/v2\.0(?=\/|$)/ },
  image: { suffix: '/v2', ends: /\/v2(\.\d+)?(?=\/|$)/ },
  volume: { suffix: '/v3', ends: /\/v3(?=\/|$)/ },
}
const PATH = /^(\/[\w.~-]{1,100}){0,8}\/?$/

const parsed = (text: string): URL | null => (URL.canParse(text) ? new URL(text) : null)

/**
 * Where the services are. A connection goes to one address only (scheme, host and port: its certificate is pinned), so a service is
 * reached where its public endpoint has the address that the catalogue gives for Keystone itself, by a path of its own.
 * @throws ConnectorError unsupported, where there are several regions and none was chosen, or not this one
 */
export function chooseServices(catalog: readonly unknown[], region?: string): Services {
  const identities = endpointsOf(catalog, ['identity'], region)
  const regions = new Set(endpointsOf(catalog, TYPES.compute, region).map((one) => one.region ?? ''))
  if (regions.size > 1)
    throw new ConnectorError('unsupported', 'The cloud has several regions: enter the one to connect')
  if (regions.size === 0 && region !== undefined)
    throw new ConnectorError('unsupported', 'The catalogue has no compute service in this region')
  // Keystone may be of another region than all others, as one for several regions is
  const here = new Set(
    (identities.length ? identities : endpointsOf(catalog, ['identity'])).flatMap(
      ({ url }) => parsed(url)?.origin ?? [],
    ),
  )
  const place = (name: ServiceName): Place => {
    const all = endpointsOf(catalog, TYPES[name], region)
    if (all.length === 0) return 'absent'
    for (const { url } of all) {
      const read = parsed(url)
      if (read && here.has(read.origin) && PATH.test(read.pathname))
        return { path: versioned(name, read.pathname) }
    }
    return 'elsewhere'
  }
  return {
    compute: place('compute'),
    network: place('network'),
    image: place('image'),
    volume: place('volume'),
  }
}

function versioned(name: ServiceName, pathname: string): string {
  const path = pathname.replace(/\/$/, '')
  // the project behind it is of old, and `/v2` knows no versions within
  if (name === 'compute') return `${path.replace(/\/v2(\.1)?(\/.*)?$/, '')}/v2.1`
  const { suffix, ends } = VERSIONS[name]
  return ends.test(path) ? path : path + suffix
}

/** The path of a service that is needed. @throws ConnectorError unsupported */
export function pathTo(services: Services, name: ServiceName): string {
  const place = services[name]
  if (typeof place === 'object') return place.path
  throw new ConnectorError(
    'unsupported',
    place === 'absent'
      ? `The catalogue has no ${name} service`
      : `The ${name} service has another address than Keystone: only services at one address are reached`,
  )
}
