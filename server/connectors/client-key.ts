import { createPrivateKey, X509Certificate } from 'node:crypto'
import { z } from 'zod'

const parses = (read: () => unknown) => {
  try {
    read()
    return true
  } catch {
    return false
  }
}
const pem = z.string().trim().max(20_000)

/** A client's certificate in PEM, of connectors that sign in by TLS. */
export const certificate = pem.refine(
  (text) => parses(() => new X509Certificate(text)),
  'This is no certificate in PEM',
)
/** Its key in PEM, without a password. */
export const key = pem.refine(
  (text) => parses(() => createPrivateKey(text)),
  'This is no private key in PEM without a password',
)

interface Pair {
  certificate?: string
  key?: string
}

/** Whether both are there or neither is: on a unix socket the socket itself is the right. */
export const isWhole = ({ certificate, key }: Pair): boolean => !certificate === !key
/** Whether the key is the one of the certificate, as far as there are both. */
export const isMatching = ({ certificate, key }: Pair): boolean =>
  !certificate ||
  !key ||
  // asked of what is no certificate too, which has been found already
  !parses(() => new X509Certificate(certificate)) ||
  !parses(() => createPrivateKey(key)) ||
  new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))

/** What TLS is shown, where there is a pair. */
export const shownCertificate = ({ certificate, key }: Pair) =>
  certificate && key ? { certificate, key } : undefined
