import { z } from 'zod'
import { type Console, ConnectorError } from '../contract'
import { enterScreen } from '../rfb'
import { openWebSocket } from '../transport/websocket'
import { placeOf } from './actions'
import { ask, authorization, type Context } from './client'

const made = z.object({
  ticket: z.string().min(8).max(2000),
  port: z.coerce.number().int().min(1).max(65_535),
})

/** The screen of a machine, or of a container's terminal, as the node draws it. @throws ConnectorError */
export async function openConsole(context: Context, externalId: string): Promise<Console> {
  const place = await placeOf(context, externalId)
  const read = made.safeParse(
    await ask(context, `${place}/vncproxy`, { method: 'POST', body: 'websocket=1' }),
  )
  if (!read.success) throw new ConnectorError('bad_answer', 'The server does not say where the screen is')
  const { ticket, port } = read.data
  const query = new URLSearchParams({ port: String(port), vncticket: ticket }).toString()
  const { stream } = await openWebSocket(context.transport, `/api2/json${place}/vncwebsocket?${query}`, {
    headers: { authorization: authorization(context) },
    protocol: 'binary',
  })
  await enterScreen(stream, ticket, context.signal)
  return { kind: 'screen', stream }
}
