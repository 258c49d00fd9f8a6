import { isIP } from 'node:net'
import { ConnectorError, type EndpointForm } from '@/server/connectors/contract'

/** Where a cloud's server is: host and port, or a socket on the portal's own machine. */
export type Endpoint =
  { scheme: 'https' | 'tls'; host: string; port: number } | { scheme: 'unix'; path: string }

const refuse = (why: string) => new ConnectorError('blocked_address', why)
/** Names and addresses in their usual notation: nothing that one program reads otherwise than another (attack I01). */
const NAME = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/

function hostOf(text: string): string {
  const host = text.toLowerCase()
  const bare = /^\[(.+)\]$/.exec(host)?.[1]
  if (bare !== undefined ? isIP(bare) === 6 : isIP(host) === 4) return bare ?? host
  // A name whose last part is a number is an address in another notation: 127.1, 0x7f.1, 2130706433.
  const last = host.split('.').at(-1) ?? ''
  if (!NAME.test(host) || /^(?:\d+|0x[0-9a-f]*)$/.test(last))
    throw refuse('Enter a name such as pve.example.com, or an IP address')
  return host
}

/**
 * Reads what a person enters: `pve.example.com`, `https://10.0.0.5:8006`, `[2001:db8::1]:8443`, `unix:/run/libvirt/libvirt-sock`.
 * @throws ConnectorError blocked_address with what to enter instead
 */
export function parseEndpoint(text: string, form: EndpointForm): Endpoint {
  const trimmed = text.trim()
  const unix = /^unix:(?:\/\/)?(\/[\w./-]{1,200})$/.exec(trimmed)?.[1]
  if (unix !== undefined) {
    if (!form.schemes.includes('unix') || unix.includes('..')) throw refuse('A socket cannot be used here')
    return { scheme: 'unix', path: unix }
  }
  const found = /^(?:([a-z]{1,10}):\/\/)?(\[[^\]]*\]|[^:/?#@[\]\s]+)(?::(\d{1,5}))?\/?$/i.exec(trimmed)
  if (!found) throw refuse(`Enter host and port, such as ${form.placeholder}`)
  const usual = form.schemes.includes('https') ? 'https' : 'tls'
  const scheme = found[1]?.toLowerCase() ?? usual
  if ((scheme !== 'https' && scheme !== 'tls') || !form.schemes.includes(scheme))
    throw refuse(`The address must begin with ${usual}://`)
  const port = found[3] === undefined ? form.defaultPort : Number(found[3])
  if (port < 1 || port > 65_535) throw refuse('A port is a number from 1 to 65535')
  return { scheme, host: hostOf(found[2] ?? ''), port }
}

/** The one spelling of an endpoint, as it is stored and compared. */
export function endpointText(endpoint: Endpoint): string {
  if (endpoint.scheme === 'unix') return `unix:${endpoint.path}`
  const host = isIP(endpoint.host) === 6 ? `[${endpoint.host}]` : endpoint.host
  return `${endpoint.scheme}://${host}:${endpoint.port}`
}
