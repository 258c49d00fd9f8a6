import { z } from 'zod'
import { type Console, ConnectorError, type ConnectorContext } from '../contract'
import { openWebSocket } from '../transport/websocket'
import { ask, pathOf, refusal } from './client'
import { findInstance } from './instance'

/** Whichever of the shells that people like is there; a container may have neither. */
const SHELL = [
  '/bin/sh',
  '-c',
  'cd 2>/dev/null; command -v bash >/dev/null 2>&1 && exec bash -l || exec sh -l',
]
const hex = z.string().regex(/^[0-9a-f]{16,200}$/)
const started = z.object({
  id: z.string().regex(/^[0-9a-f-]{36}$/),
  metadata: z.object({ fds: z.object({ '0': hex, control: hex }) }),
})

/** A shell in an instance: by its agent, where it is a virtual machine. @throws ConnectorError */
export async function openConsole(context: ConnectorContext, externalId: string): Promise<Console> {
  const { project, instance } = await findInstance(context, externalId)
  const reply = await ask(context, {
    method: 'POST',
    path: pathOf(['instances', instance.name, 'exec'], { project }),
    body: JSON.stringify({
      command: SHELL,
      environment: { TERM: 'xterm-256color', HOME: '/root' },
      'wait-for-websocket': true,
      interactive: true,
      width: 80,
      height: 24,
    }),
  })
  if (reply.status >= 400) throw refusal(reply)
  const read = started.safeParse(reply.metadata)
  if (!read.success) throw new ConnectorError('bad_answer', 'The server does not say where the terminal is')
  const { id, metadata } = read.data
  const open = (secret: string) =>
    openWebSocket(context.transport, pathOf(['operations', id, 'websocket'], { secret }))
  const { socket: data, stream } = await open(metadata.fds['0'])
  const { socket: control } = await open(metadata.fds.control).catch((error: unknown) => {
    data.terminate()
    throw error
  })
  data.on('close', () => control.close())
  // A message of text says that the shell has ended; who has heard it closes
  data.on('message', (_message, isBinary) => {
    if (!isBinary) data.close()
  })
  return {
    kind: 'terminal',
    stream,
    resize: (columns, rows) => {
      const args = { width: String(columns), height: String(rows) }
      if (control.readyState === control.OPEN)
        control.send(JSON.stringify({ command: 'window-resize', args }), { binary: false })
    },
  }
}
