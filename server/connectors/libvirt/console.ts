import { type Console, ConnectorError, type ConnectorContext } from '../contract'
import { enterScreen } from '../rfb'
import { uuidOf } from './domain'
import { DOMAIN_LOOKUP, DOMAIN_XML_WITH_SECRETS } from './procedures'
import { withSession } from './session'
import { allAt, readXml } from './xml'

/** Where VNC's displays begin. */
const FIRST_PORT = 5900

/**
 * The VNC screen of a machine. libvirt says where it is; it is reached beside libvirt, at the same address, without TLS.
 * @throws ConnectorError unsupported for a machine that has none there
 */
export async function openConsole(
  context: ConnectorContext<{ uri: string }>,
  externalId: string,
): Promise<Console> {
  const uuid = uuidOf(externalId)
  if (uuid === null) throw new ConnectorError('unsupported', 'Only virtual machines have a screen')
  const xml = await withSession(context, async (session) =>
    session.call(DOMAIN_XML_WITH_SECRETS, await session.call(DOMAIN_LOOKUP, uuid)),
  )
  const screen = allAt(readXml(xml), 'devices', 'graphics').find((one) => one.getAttribute('type') === 'vnc')
  const port = Number(screen?.getAttribute('port') ?? '')
  if (!screen || !(port >= FIRST_PORT && port <= 65_535))
    throw new ConnectorError(
      'unsupported',
      'The machine has no VNC screen that is reached by the network: add one to its definition',
    )
  const stream = await context.transport.beside(port)
  try {
    await enterScreen(stream, screen.getAttribute('passwd') ?? '')
  } catch (error) {
    stream.destroy()
    throw error
  }
  return { kind: 'screen', stream }
}
