import { createPrivateKey, webcrypto, X509Certificate as Parsed } from 'node:crypto'
import { ConnectorError, type ConnectorContext } from '../contract'
import { ask, pathOf, read, refusal } from './client'
import * as schemas from './schemas'

export interface KeyPair {
  /** PEM. */
  certificate: string
  key: string
}

/** Incus does not look at the end of a client's certificate it trusts by fingerprint; ten years as its own clients have. */
const YEARS = 10

/** A new key with a certificate that it signed itself. */
export async function makeKeyPair(now = new Date()): Promise<KeyPair> {
  // Loaded where it is needed, and in this order, which a bundle does not keep otherwise.
  await import('reflect-metadata')
  const { X509CertificateGenerator } = await import('@peculiar/x509')
  const algorithm = { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const notAfter = new Date(now)
  notAfter.setUTCFullYear(now.getUTCFullYear() + YEARS)
  const certificate = await X509CertificateGenerator.createSelfSigned(
    { name: 'CN=Freehold', notBefore: now, notAfter, keys: keys, signingAlgorithm: algorithm },
    webcrypto as never,
  )
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey))
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({
    format: 'pem',
    type: 'pkcs8',
  })
  return { certificate: certificate.toString('pem').trim(), key: key.toString().trim() }
}

/**
 * Trades a trust token, which works once, for trust in the key that the connection shows: Incus takes it from there only.
 * @throws ConnectorError unauthenticated for a used, expired or wrong token
 */
export async function enrol(context: ConnectorContext, token: string, pair: KeyPair): Promise<void> {
  const { api_extensions: extensions } = await read(context, pathOf([]), schemas.server)
  const certificate = new Parsed(pair.certificate).raw.toString('base64')
  // LXD before 5.21 takes the token as a password
  const proof = {
    trust_token: token,
    ...(!extensions?.includes('explicit_trust_token') && { password: token }),
  }
  const body = JSON.stringify({ type: 'client', name: 'freehold', certificate, ...proof })
  const reply = await ask(context, { method: 'POST', path: pathOf(['certificates']), body })
  if ([400, 401, 403].includes(reply.status))
    throw new ConnectorError(
      'unauthenticated',
      'The server does not take this token: it was used, has expired, or is of another server',
    )
  if (reply.status >= 400) throw refusal(reply)
}
