import net, { type AddressInfo } from 'node:net'

/** The number of the message that a client sends, which its answer has to carry: all of ldapts' fit in a byte. */
const numberIn = (message: Buffer) => {
  const head = (message[1] ?? 0) < 0x80 ? 2 : 2 + (message[1] ?? 0) - 0x80
  return message[head + 2] ?? 0
}
/** A message of that operation with that content. */
export const message = (id: number, operation: number, content: number[]): Buffer =>
  Buffer.from([0x30, content.length + 5, 0x02, 1, id, operation, content.length, ...content])
/** `success`, no name, no words. */
export const SUCCESS = [0x0a, 1, 0, 0x04, 0, 0x04, 0]

/** Something that listens where a directory should be, and says what the test makes it say. */
export async function openHostile(answer: (id: number, sent: Buffer, socket: net.Socket) => Buffer | null) {
  const heard: Buffer[] = []
  const sockets = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      heard.push(chunk)
      const said = answer(numberIn(chunk), chunk, socket)
      if (said) socket.write(said)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    /** All that was sent to it, as text. */
    heard: () => Buffer.concat(heard).toString('latin1'),
    close: () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}
