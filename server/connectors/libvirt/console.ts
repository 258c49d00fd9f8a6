import { type Console, ConnectorError, type ConnectorContext } from '../contract'
import { enterScreen } from '../rfb'
import { statusOf, uuidOf } from './domain'
import { DOMAIN_LOOKUP, DOMAIN_STATE, DOMAIN_XML_WITH_SECRETS } from './procedures'
import { type Session, withSession } from './session'
import { allAt, readXml } from './xml'

/** Where VNC's displays begin. */
const FIRST_PORT = 5900

interface Screen {
  port: number
  password: string
}

/** Where a machine that runs has its screen. @throws ConnectorError unsupported where it has none there */
async function screenOf(session: Session, uuid: string): Promise<Screen> {
  const domain = await session.call(DOMAIN_LOOKUP, uuid)
  // Of one that is off, the definition names a port that may be another machine's by now
  const { state } = await session.call(DOMAIN_STATE, domain)
  if (statusOf(state) !== 'running')
    throw new ConnectorError('unsupported', 'The machine does not run any more')
  const graphics = allAt(
    readXml(await session.call(DOMAIN_XML_WITH_SECRETS, domain)),
    'devices',
    'graphics',
  ).find((one) => one.getAttribute('type') === 'vnc')
  const port = Number(graphics?.getAttribute('port') ?? '')
  if (!graphics || !(port >= FIRST_PORT && port <= 65_535))
    throw new ConnectorError(
      'unsupported',
      'The machine has no VNC screen that is reached by the network: add one to its definition',
    )
  return { port, password: graphics.getAttribute('passwd') ?? '' }
}

/**
 * The VNC screen of a machine. libvirt says where it is; it is reached beside libvirt, at the same address, without TLS. Ports go from one
 * machine to the next: once there, it is asked whether it is still this one's.
 * @throws ConnectorError
 */
export async function openConsole(
  context: ConnectorContext<{ uri: string }>,
  externalId: string,
): Promise<Console> {
  const uuid = uuidOf(externalId)
  if (uuid === null) throw new ConnectorError('unsupported', 'Only virtual machines have a screen')
  const stream = await withSession(context, async (session) => {
    const screen = await screenOf(session, uuid)
    const found = await context.transport.beside(screen.port)
    try {
      await enterScreen(found, screen.password, context.signal)
      const now = await screenOf(session, uuid)
      if (now.port === screen.port && now.password === screen.password) return found
      throw new ConnectorError('bad_answer', 'The screen of the machine has moved: open it again')
    } catch (error) {
      found.destroy()
      throw error
    }
  })
  return { kind: 'screen', stream }
}
