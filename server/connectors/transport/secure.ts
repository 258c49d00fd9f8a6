import { isIP } from 'node:net'
import tls from 'node:tls'
import { ConnectorError } from '@/server/connectors/contract'
import type { Endpoint } from '@/server/connectors/transport/endpoint'
import {
  type Egress,
  openSocket,
  settled,
  unreachable,
  untilConnected,
} from '@/server/connectors/transport/reach'

/** Whom to believe to be the server: the one certificate with this fingerprint, or what this authority signed; else the public authorities. */
export interface Trust {
  /** SHA-256 of the certificate, 64 lower-case hex digits. */
  fingerprint?: string
  /** PEM. */
  ca?: string
}

/** What the server is shown of us. PEM. */
export interface ClientCertificate {
  certificate: string
  key: string
}

const untrusted = (why: string) => new ConnectorError('untrusted_certificate', why)
const bare = (fingerprint: string): string => fingerprint.replaceAll(':', '').toLowerCase()

/** What an error of a handshake means: nobody there, or not who should be. */
function tlsError(error: NodeJS.ErrnoException): ConnectorError {
  const code = error.code ?? ''
  if (/CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/.test(code))
    return untrusted('The certificate of the server has expired')
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return untrusted('The certificate of the server is for another name')
  if (/CERT|SELF_SIGNED|UNABLE_TO|DEPTH_ZERO/.test(code))
    return untrusted('The certificate of the server is signed by nobody who is trusted here')
  if (/EPROTO|ERR_SSL/.test(code))
    return new ConnectorError('wrong_server', 'The server does not speak TLS as it should')
  return unreachable()
}

/**
 * A TLS connection whose server is who it should be, before a byte of ours is sent. No session is resumed: of such a one no certificate
 * would be there to compare (reference/infrastructure.md 4d).
 * @throws ConnectorError blocked_address, unreachable, timeout, untrusted_certificate, changed_certificate, wrong_server
 */
export async function openSecure(
  endpoint: Extract<Endpoint, { host: string }>,
  egress: Egress,
  trust: Trust,
  client: ClientCertificate | undefined,
  signal: AbortSignal,
): Promise<tls.TLSSocket> {
  const socket = await openSocket(endpoint, egress, signal)
  const secure = tls.connect({
    socket,
    ...(isIP(endpoint.host) === 0 && { servername: endpoint.host }),
    host: endpoint.host,
    minVersion: 'TLSv1.2',
    // A pinned certificate is compared below: whose name it bears and who signed it says nothing more.
    rejectUnauthorized: trust.fingerprint === undefined,
    ...(trust.ca !== undefined && { ca: [trust.ca] }),
    ...(client && { cert: client.certificate, key: client.key }),
  })
  await settled(secure, 'secureConnect', signal, tlsError)
  if (trust.fingerprint === undefined) return secure
  const shown = secure.getPeerX509Certificate()?.fingerprint256
  if (shown !== undefined && bare(shown) === bare(trust.fingerprint)) return secure
  secure.destroy()
  throw new ConnectorError(
    'changed_certificate',
    'The server shows another certificate than the one that was confirmed',
  )
}

/** What is seen of a server before anybody trusts it. */
export interface ServerCertificate {
  fingerprint: string
  subject: string
  issuer: string
  /** ISO 8601. */
  validFrom: string
  validTo: string
  /** Whether the public authorities vouch for it; then nothing needs to be confirmed. */
  trusted: boolean
}

/** Looks at the certificate of a server, and says nothing to it. @throws ConnectorError as openSecure, but for trust */
export async function lookAtServer(
  endpoint: Extract<Endpoint, { host: string }>,
  egress: Egress,
  end: AbortSignal,
): Promise<ServerCertificate> {
  const signal = untilConnected(end)
  const socket = await openSocket(endpoint, egress, signal)
  const secure = tls.connect({
    socket,
    ...(isIP(endpoint.host) === 0 && { servername: endpoint.host }),
    host: endpoint.host,
    minVersion: 'TLSv1.2',
    rejectUnauthorized: false,
  })
  await settled(secure, 'secureConnect', signal, tlsError)
  const shown = secure.getPeerX509Certificate()
  const trusted = secure.authorized
  secure.destroy()
  if (!shown) throw untrusted('The server shows no certificate')
  const line = (text: string) => text.replaceAll('\n', ', ').slice(0, 300)
  return {
    fingerprint: bare(shown.fingerprint256),
    subject: line(shown.subject),
    issuer: line(shown.issuer),
    validFrom: new Date(shown.validFrom).toISOString(),
    validTo: new Date(shown.validTo).toISOString(),
    trusted,
  }
}
