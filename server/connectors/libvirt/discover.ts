import type { ConnectorContext, Found } from '../contract'
import { domainId, foundDomain } from './domain'
import { readNetworks } from './network'
import {
  type Domain,
  DOMAIN_INFO,
  DOMAIN_STATS,
  DOMAIN_XML,
  GET_HOSTNAME,
  LIST_DOMAINS,
  NODE_GET_INFO,
  NODE_GET_MEMORY_STATS,
} from './procedures'
import { whereThere, whereTold } from './refusal'
import { type Session, withSession } from './session'
import { readStorage } from './storage'
import { shown, slices, told } from './told'

/** Domains asked about at once. */
const AT_ONCE = 50
/** Filter: those that start with their host. */
const AUTOSTART = 1 << 10
/** Memory and disks. */
const STATS = (1 << 2) | (1 << 5)
/** Rather none than to wait for a domain that is busy. */
const NO_WAIT = 1 << 29

/** All that stands on the host. @throws ConnectorError */
export async function* discover(context: ConnectorContext<{ uri: string }>): AsyncIterable<Found[]> {
  // A session ends with its function, and a generator may be left half-way: so the batches are gathered first.
  yield* await withSession(context, readAll)
}

async function readAll(session: Session): Promise<Found[][]> {
  const networks = await readNetworks(session, Date.now())
  const storage = await readStorage(session)
  const batches = [[await readHost(session)], networks.found, storage.pools, storage.images]
  const domains = await session.call(LIST_DOMAINS, 0)
  const autostarting = new Set((await session.call(LIST_DOMAINS, AUTOSTART)).map(domainId))
  for (const slice of slices(domains, AT_ONCE)) {
    const stats = (await whereTold(session.call(DOMAIN_STATS, slice, STATS, NO_WAIT))) ?? []
    const figures = new Map(stats.map((each) => [domainId(each.domain), each.figures]))
    const answers = await Promise.all(slice.map((domain) => whereThere(ask(session, domain))))
    batches.push(
      answers.flatMap((answer) => {
        if (!answer) return []
        const id = domainId(answer.domain)
        const all = { ...answer, figures: figures.get(id) ?? null, autostarts: autostarting.has(id) }
        return [foundDomain(all, networks, storage)]
      }),
    )
  }
  return batches
}

async function ask(session: Session, domain: Domain) {
  const [info, xml] = await Promise.all([session.call(DOMAIN_INFO, domain), session.call(DOMAIN_XML, domain)])
  return { domain, info, xml }
}

async function readHost(session: Session): Promise<Found> {
  const name = await session.call(GET_HOSTNAME)
  const node = await whereTold(session.call(NODE_GET_INFO))
  const memoryTotal = (node?.memoryKiB ?? 0) * 1024 || undefined
  return {
    kind: 'host',
    // Each connection has one, whatever it is called.
    externalId: 'host',
    name,
    spec: {},
    status: 'online',
    usage: told({ memoryTotal, memoryUsed: await memoryUsed(session) }),
    facts: shown({
      Processor: node?.model,
      Cores: node?.cpus === undefined ? undefined : String(node.cpus),
    }),
  }
}

/** Bytes that the host cannot give away; what it keeps files in does not count. */
async function memoryUsed(session: Session): Promise<number | undefined> {
  const count = (await whereTold(session.call(NODE_GET_MEMORY_STATS, 0)))?.count
  const figures = count ? (await whereTold(session.call(NODE_GET_MEMORY_STATS, count)))?.figures : undefined
  if (figures?.total === undefined || figures.free === undefined) return undefined
  return Math.max(0, figures.total - figures.free - (figures.buffers ?? 0) - (figures.cached ?? 0)) * 1024
}
