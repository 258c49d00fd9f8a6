import { isIP } from 'node:net'
import { z } from 'zod'
import type { ConnectorContext, Found, FoundStatus } from '../contract'
import { read, readIfAllowed, openEngine, type Engine } from './client'
import * as schemas from './schemas'

/** The machine that the engine runs on. One endpoint is one engine, and Podman makes up another id for each question. */
const HOST = 'host/engine'
export const containerId = (id: string) => `container/${id}`

/**
 * All of one engine by four requests, whatever its number of containers. Their details are never asked for: they hold the environment,
 * and with it passwords.
 */
export async function* discover(context: ConnectorContext): AsyncIterable<Found[]> {
  const engine = await openEngine(context)
  const info = await readIfAllowed(context, engine, '/info', schemas.info)
  yield [host(engine, info)]
  const networks = (await readIfAllowed(context, engine, '/networks', z.array(schemas.network))) ?? []
  const real = networks.filter(({ Driver }) => Driver !== 'null' && Driver !== 'host')
  yield real.map(foundNetwork)
  const images = (await readIfAllowed(context, engine, '/images/json', z.array(schemas.image))) ?? []
  yield images.map((image) => foundImage(image, info?.OSType ?? ''))
  const containers = await read(context, engine, '/containers/json?all=1', z.array(schemas.container))
  const known = { networks: real, images: new Set(images.map(({ Id }) => Id)) }
  yield containers.map((container) => foundContainer(container, known))
}

/** Without what is not told. */
function told<T>(values: Record<string, T | undefined | ''>): Record<string, T> {
  const kept = Object.entries(values).filter(([, value]) => value !== undefined && value !== '')
  return Object.fromEntries(kept) as Record<string, T>
}

function host(engine: Engine, info: schemas.Info | null): Found {
  return {
    kind: 'host',
    externalId: HOST,
    name: info?.Name.slice(0, 200) || engine.label,
    spec: {},
    status: 'online',
    ...(info?.MemTotal && { usage: { memoryTotal: info.MemTotal } }),
    facts: told({
      Engine: engine.label,
      'Operating system': info?.OperatingSystem.slice(0, 200),
      Kernel: info?.KernelVersion.slice(0, 200),
      Architecture: info?.Architecture.slice(0, 50),
      Cores: info?.NCPU ? String(info.NCPU) : undefined,
      'Storage driver': info?.Driver.slice(0, 50),
    }),
  }
}

function foundNetwork({ Id, Name, Driver, Scope, Internal, IPAM }: schemas.Network): Found {
  const pools = IPAM?.Config ?? []
  const pool = pools.find(({ Subnet }) => isIP(Subnet.split('/')[0] ?? '') === 4) ?? pools[0]
  return {
    kind: 'network',
    externalId: `network/${Id}`,
    name: Name.slice(0, 200),
    spec: told({
      cidr: pool?.Subnet.slice(0, 50),
      gateway: pool && isIP(pool.Gateway) ? pool.Gateway : undefined,
    }),
    status: 'online',
    facts: told({
      Driver: Driver.slice(0, 50),
      Scope: Scope.slice(0, 50),
      Internal: Internal ? 'Yes' : undefined,
    }),
  }
}

/** `sha256:` and the first twelve digits are how people know an image without a name. */
const shortId = (id: string) => id.replace(/^sha256:/, '').slice(0, 12)

function foundImage({ Id, RepoTags, Size }: schemas.Image, os: string): Found {
  const tags = RepoTags.filter((tag) => !tag.includes('<none>')).sort()
  return {
    kind: 'virtual_image',
    externalId: `image/${Id}`,
    name: (tags[0] ?? shortId(Id)).slice(0, 200),
    spec: told({
      os: os === 'linux' ? 'Linux' : os === 'windows' ? 'Windows' : 'Unknown',
      format: 'container',
      size: Size,
    }),
    status: 'online',
    facts: told({ Id: shortId(Id), Tags: tags.slice(0, 10).join(', ').slice(0, 500) }),
  }
}

const STATUS: Readonly<Record<string, FoundStatus>> = {
  running: 'running',
  paused: 'paused',
  created: 'stopped',
  exited: 'stopped',
  dead: 'stopped',
  // Podman's
  configured: 'stopped',
  initialized: 'stopped',
  stopped: 'stopped',
}

/** One that its policy starts again and again is neither running nor stopped. */
export const statusOf = ({ State }: Pick<schemas.Container, 'State'>): FoundStatus =>
  (Object.hasOwn(STATUS, State) && STATUS[State]) || 'unknown'

/** The code of `Exited (137) 2 hours ago`. */
export const exitCodeOf = ({ Status }: Pick<schemas.Container, 'Status'>): string | undefined =>
  /^Exited \((\d{1,10})\)/.exec(Status)?.[1]

/** Its own name: others are what linked containers call it (`/shop/db`). */
function nameOf({ Names, Id }: schemas.Container): string {
  const own = Names.map((name) => name.replace(/^\//, '')).filter((name) => name && !name.includes('/'))
  return (own.sort()[0] ?? shortId(Id)).slice(0, 200)
}

interface Known {
  networks: readonly schemas.Network[]
  images: ReadonlySet<string>
}

function foundContainer(container: schemas.Container, known: Known): Found {
  const attached = Object.entries(container.NetworkSettings?.Networks ?? {})
  const addresses = attached
    .flatMap(([, one]) => [one?.IPAddress ?? '', one?.GlobalIPv6Address ?? ''])
    .filter((address) => isIP(address))
  const networks = attached.flatMap(
    ([name, one]) =>
      // Podman may tell the name alone
      known.networks.find(({ Id, Name }) => (one?.NetworkID ? Id === one.NetworkID : Name === name)) ?? [],
  )
  return {
    kind: 'virtual_machine',
    externalId: containerId(container.Id),
    name: nameOf(container),
    parent: HOST,
    spec: told({ addresses: addresses.length ? [...new Set(addresses)].slice(0, 50) : undefined }),
    status: statusOf(container),
    facts: { ...factsOf(container), ...labelsOf(container) },
    links: {
      networks: [...new Set(networks.map(({ Id }) => `network/${Id}`))],
      ...(known.images.has(container.ImageID) && { image: [`image/${container.ImageID}`] }),
    },
  }
}

/** The command is left out: people put passwords into it. */
function factsOf(container: schemas.Container): Record<string, string> {
  const { Image, State, Status, Labels, Ports, Mounts } = container
  const ports = Ports.filter(({ PublicPort }) => PublicPort).map(
    ({ PublicPort, PrivatePort, Type }) => `${PublicPort} to ${PrivatePort}/${Type.slice(0, 5)}`,
  )
  const volumes = Mounts.filter(({ Type }) => Type === 'volume').map(({ Name }) => Name.slice(0, 64))
  return told({
    Type: 'Container',
    Image: Image.slice(0, 200),
    State: State.slice(0, 50),
    'Exit code': exitCodeOf(container),
    Health: /\((healthy|unhealthy|health: starting)\)$/.exec(Status)?.[1]?.replace('health: ', ''),
    Project: Labels['com.docker.compose.project']?.slice(0, 200),
    Service: Labels['com.docker.compose.service']?.slice(0, 200),
    Ports: [...new Set(ports)].slice(0, 20).join(', '),
    Volumes: volumes.slice(0, 10).join(', '),
  })
}

const MOST_LABELS = 20
/** Labels of tools tell nothing to people, and some hold what signs in (Traefik's `basicauth.users`). */
const HIDDEN = /^(com\.docker\.|io\.podman\.|desktop\.docker\.)|pass|secret|token|auth|credential|key/i

function labelsOf({ Labels }: schemas.Container): Record<string, string> {
  const shown = Object.entries(Labels).filter(([name, value]) => value && !HIDDEN.test(name))
  const bounded = shown
    .sort(([a], [b]) => a.localeCompare(b))
    .slice(0, MOST_LABELS)
    .map(([name, value]) => [`Label ${name.slice(0, 100)}`, value.slice(0, 200)])
  return Object.fromEntries(bounded) as Record<string, string>
}
