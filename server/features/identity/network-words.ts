import { AddressRefused } from './guarded-fetch'

/** What stands between us and a provider, in words. */
const NETWORK: [RegExp, string][] = [
  [/^ENOTFOUND$|^EAI_AGAIN$/, 'No server has this name. Check the address for typing errors.'],
  [/^ECONNREFUSED$/, 'The server is there, but nothing answers at this port.'],
  [
    /^EHOSTUNREACH$|^ENETUNREACH$|^ECONNRESET$|^EPIPE$/,
    'The connection broke off, or there is no way to the server.',
  ],
  [/^ETIMEDOUT$|^ABORT_ERR$|TimeoutError/, 'There was no answer within 10 seconds.'],
  [/^CERT_HAS_EXPIRED$/, 'The certificate of the server has expired.'],
  [/ALTNAME/, 'The certificate of the server is made out to another name.'],
  [
    /CERT|SELF_SIGNED|UNABLE_TO|ISSUER/,
    'The certificate of the server is not from an authority that is trusted here.',
  ],
  [/SSL|TLS|EPROTO/, 'The server does not speak https at this address.'],
]

/** Why a server could not be asked, in words. */
export function networkWords(error: unknown): string {
  if (error instanceof AddressRefused) return `${error.message}.`
  const { code, name } = error as { code?: unknown; name?: unknown }
  const text = typeof code === 'string' ? code : String(name)
  return NETWORK.find(([pattern]) => pattern.test(text))?.[1] ?? 'The server could not be reached.'
}
