import { MASTER_TENANT_ID } from '@/lib/master'
import { type Connector, ConnectorError, type ConnectorContext } from '@/server/connectors/contract'
import { connectorOf } from '@/server/connectors/registry'
import { parseEndpoint } from '@/server/connectors/transport/endpoint'
import type { Egress } from '@/server/connectors/transport/reach'
import type { Trust } from '@/server/connectors/transport/secure'
import { createTransport } from '@/server/connectors/transport/transport'
import { database } from '@/server/db/runtime'
import { systemValue } from '@/server/db/system'
import { env } from '@/server/platform/env'
import { type SealPlace, unseal } from '@/server/platform/seal'
import { secretPlace } from './secret-place'

/** What wall.connection_live() tells of a connection. */
export interface Live {
  cloudId: string
  /** Of the cloud. */
  name: string
  ownerId: string
  connector: string
  endpoint: string
  settings: Record<string, unknown>
  /** Base64. */
  sealed: string
  fingerprint: string | null
  ca: string | null
  /** Private networks that the owner's connections may reach. */
  networks: string[]
}

export interface Dialled {
  connector: Connector
  context: ConnectorContext
}

/** What an owner's connections may reach: what stands on the portal's own machine is the master's alone, as its operator lists it. */
export const egressFor = (ownerId: string, networks: readonly string[]): Egress => ({
  networks,
  local: ownerId === MASTER_TENANT_ID ? env().CONNECTOR_LOCAL : [],
})

export const trustOf = ({ fingerprint, ca }: Pick<Live, 'fingerprint' | 'ca'>): Trust => ({
  ...(fingerprint !== null && { fingerprint }),
  ...(ca !== null && { ca }),
})

/** A connector with its way to one server. */
export function dialWith(
  connector: Connector,
  way: { endpoint: string; egress: Egress; trust: Trust; settings: unknown; secret: unknown },
  signal: AbortSignal,
): Dialled {
  const endpoint = parseEndpoint(way.endpoint, connector.endpoint)
  const clientCertificate = connector.clientCertificate?.(way.secret)
  const transport = createTransport({
    endpoint,
    egress: way.egress,
    trust: way.trust,
    signal,
    ...(clientCertificate && { clientCertificate }),
  })
  return { connector, context: { transport, settings: way.settings, secret: way.secret, signal } }
}

/** @throws ConnectorError unauthenticated where it was sealed for something else (attack I17), or under another FREEHOLD_SECRET */
function opened(place: SealPlace, sealed: string): unknown {
  try {
    return JSON.parse(unseal(database().key, place, Buffer.from(sealed, 'base64')))
  } catch {
    throw new ConnectorError('unauthenticated', 'The kept credentials cannot be opened any more')
  }
}

/** Gets ready to talk to a connected cloud, with its secret. @throws ConnectorError unsupported for a connector that this version lacks */
export function dial(live: Live, signal: AbortSignal): Dialled {
  const connector = connectorOf(live.connector)
  if (!connector)
    throw new ConnectorError(
      'unsupported',
      'This version of Freehold has no connector for this kind of cloud',
    )
  const place = secretPlace(live.ownerId, live.cloudId, live.endpoint)
  const secret = opened(place, live.sealed)
  return dialWith(
    connector,
    {
      endpoint: live.endpoint,
      egress: egressFor(live.ownerId, live.networks),
      trust: trustOf(live),
      settings: live.settings,
      secret,
    },
    signal,
  )
}

/** A connection by its cloud; null where there is none, or one of its tenants is not active. Who asks has been authorised. */
export const liveConnection = (cloudId: string): Promise<Live | null> =>
  systemValue<Live | null, 'connection_live'>('connection_live', [cloudId])

/** The same words for what may not be reached and what is not there: neither tells of what stands behind the portal (attack I06). */
const NOT_REACHED =
  'The server cannot be reached from here, or may not be. Check the address, the port, its firewall, and the networks that your tenant may reach.'

/** What may be said of an error, to whom it concerns; null for one that nobody made on purpose. */
export function tellable(
  error: unknown,
): { code: string; message: string; retryAfter: number | null } | null {
  if (!(error instanceof ConnectorError)) return null
  if (error.code === 'blocked_address' || error.code === 'unreachable' || error.code === 'timeout')
    return { code: 'unreachable', message: NOT_REACHED, retryAfter: null }
  return { code: error.code, message: error.message, retryAfter: error.retryAfter ?? null }
}
