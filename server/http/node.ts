import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { ReadableStream as NodeStream } from 'node:stream/web'
import { AppError } from '@/server/platform/errors'

/**
 * A web Request of a Node one; `signal` fires when the client goes away. Bodies over `maxBody` bytes are refused unread; null,
 * GET and HEAD: no body is read at all.
 * @throws AppError 413, 415, 400
 */
export async function toRequest(
  req: IncomingMessage,
  res: ServerResponse,
  url: URL,
  maxBody: number | null,
): Promise<Request> {
  const gone = new AbortController()
  res.on('close', () => gone.abort())
  const headers = new Headers()
  for (const [name, value] of Object.entries(req.headers)) {
    if (typeof value === 'string') headers.set(name, value)
    else for (const item of value ?? []) headers.append(name, item)
  }
  const method = req.method ?? 'GET'
  const isBodiless = maxBody === null || method === 'GET' || method === 'HEAD'
  const body = isBodiless ? undefined : ((await readBody(req, maxBody)) as BodyInit)
  return new Request(url, { method, headers, body, signal: gone.signal })
}

/** @throws AppError 413 before more than `maxBody` bytes are kept, 415 for a compressed one, 400 for one cut short */
async function readBody(req: IncomingMessage, maxBody: number): Promise<Buffer> {
  const tooLarge = () => new AppError('too_large', `The body may have ${maxBody} bytes at most`)
  const length = Number(req.headers['content-length'] ?? 0)
  if (length > maxBody) throw tooLarge()
  const isThere = length > 0 || req.headers['transfer-encoding'] !== undefined
  if (isThere && req.headers['content-encoding'])
    throw new AppError('unsupported_media_type', 'Send the body uncompressed')
  const chunks: Buffer[] = []
  let size = 0
  try {
    // Without destroyOnReturn, leaving the loop would cut the connection before the answer is written.
    for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > maxBody) throw tooLarge()
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof AppError) throw error
    throw new AppError('invalid_input', 'The body ended early')
  }
  return Buffer.concat(chunks)
}

/** Live events and exports go out as they come. */
const STREAMED = /^text\/(?:event-stream|csv)/

/** Writes a web Response to a Node one; streams are piped and end with the connection. */
export async function sendResponse(response: Response, res: ServerResponse): Promise<void> {
  res.statusCode = response.status
  const cookies = response.headers.getSetCookie()
  response.headers.forEach((value, name) => {
    if (name !== 'set-cookie') res.setHeader(name, value)
  })
  if (cookies.length > 0) res.setHeader('set-cookie', cookies)
  if (!res.hasHeader('x-content-type-options')) res.setHeader('x-content-type-options', 'nosniff')
  if (!res.hasHeader('cache-control')) res.setHeader('cache-control', 'no-store')
  if (!response.body) return void res.end()
  if (res.destroyed) return response.body.cancel() // gone meanwhile: nobody would end the stream
  if (!STREAMED.test(response.headers.get('content-type') ?? '')) {
    return void res.end(Buffer.from(await response.arrayBuffer())) // a short answer in one piece: a third of the cost
  }
  const stream = Readable.fromWeb(response.body as NodeStream)
  stream.on('error', () => res.destroy())
  res.on('close', () => stream.destroy())
  stream.pipe(res)
  await new Promise((resolve) => res.on('close', resolve))
}
