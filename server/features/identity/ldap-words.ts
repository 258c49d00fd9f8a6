import { ResultCodeError } from 'ldapts'
import { AddressRefused } from './guarded-fetch'
import { NotSecret } from './ldap-connect'
import { MalformedAnswer } from './ldap-frames'
import { stateOf } from './ldap-person'
import { codeOf } from './refused'

/** What stands between us and a directory, and what to do about it. */
const NETWORK: [RegExp, string][] = [
  [/^ENOTFOUND$|^EAI_AGAIN$/, 'No server has this name. Check the address for typing errors.'],
  [
    /^ECONNREFUSED$/,
    'The server is there, but nothing answers at this port. LDAPS is usually 636, StartTLS 389.',
  ],
  [/^ETIMEDOUT$/, 'There was no answer in time. Check the port, and whether a firewall lets this server in.'],
  [/^CERT_HAS_EXPIRED$/, 'Its certificate has expired. Renew it on the directory server.'],
  [/^CERT_NOT_YET_VALID$/, 'Its certificate is not valid yet. Check the clocks of both servers.'],
  [
    /ALTNAME/,
    'Its certificate is made out to another name. Enter the name that stands in it as the address, or have one made for this name.',
  ],
  [
    /CERT|SELF_SIGNED|UNABLE_TO|ISSUER/,
    'Its certificate is not from an authority that is trusted here. Paste the certificate of the authority that made it.',
  ],
  [
    /SSL|TLS|EPROTO|ECONNRESET|EPIPE/,
    'The server broke the connection off before it was secret. Is this the port for this way to connect? LDAPS is usually 636, StartTLS 389.',
  ],
  [/^EHOSTUNREACH$|^ENETUNREACH$/, 'There is no way from here to the server.'],
]

/** Why a directory could not be reached, in words for who sets it up. */
export function networkWords(error: unknown): string {
  if (error instanceof AddressRefused) return `${error.message}.`
  if (error instanceof NotSecret)
    return error.message === 'StartTLS was refused'
      ? 'The server does not offer StartTLS, or somebody on the way takes it out. Set it up there, or use LDAPS.'
      : 'The connection would not be secret, so it was given up.'
  if (error instanceof MalformedAnswer) return 'What the server answers is not LDAP. Check the port.'
  const { code } = error as { code?: unknown }
  const text = typeof code === 'string' ? code : ''
  return NETWORK.find(([pattern]) => pattern.test(text))?.[1] ?? 'The server broke the connection off.'
}

const BIND = {
  wrong: 'The directory does not take this bind name and password. Check both.',
  disabled: 'The account that searches is disabled in the directory.',
  locked: 'The account that searches is locked in the directory. Unlock it there.',
  expired: 'The password or the account that searches has expired in the directory.',
  'must change': 'The account that searches has to change its password first.',
  'not now': 'The directory does not let the account that searches sign in from here or at this time.',
}
const CODES: Partial<Record<number, string>> = {
  8: 'The directory asks for a stronger way to sign in. Use LDAPS or StartTLS.',
  13: 'The directory asks for a secret connection. Use LDAPS or StartTLS.',
  34: 'The directory does not take this for a name. Write it like cn=reader,dc=example,dc=com.',
  48: 'The directory does not let this account sign in with a password.',
}

/** Why the account that searches was refused. */
export function bindWords(error: unknown): string {
  if (!(error instanceof ResultCodeError)) return networkWords(error)
  return CODES[error.code] ?? BIND[stateOf(error)]
}

/** Why a search was. @param what the base, as it is called */
export function searchWords(error: unknown, what: string): string {
  if (!(error instanceof ResultCodeError)) return networkWords(error)
  if (error.code === 32)
    return `There is no entry by the name of the ${what}, or the account that searches may not see it.`
  if (error.code === 34) return `The directory does not take the ${what} for a name.`
  if (error.code === 50) return `The account that searches may not look below the ${what}.`
  return `The directory refused to search below the ${what} (code ${error.code}).`
}

/** What is written to the log of why a directory could not be asked: nothing that it or a person sent. */
export const directoryCode = (error: unknown): string =>
  error instanceof ResultCodeError ? `ldap result ${error.code}` : codeOf(error)
