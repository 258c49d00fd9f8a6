import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Answer, Api, Asked } from '@/test/stripe/api'
import type { Fault, Faults } from '@/test/stripe/faults'
import { StripeFailure } from '@/test/stripe/failure'
import { isLoopback } from '@/test/stripe/loopback'

const MOST_BYTES = 1_000_000

export interface Served {
  api: Api
  faults: Faults
  /** Pages for people, and what they send; null for a path that is none. */
  pages: (asked: Asked) => Answer | null
  /** Before each request: works off what is due by now. */
  before: () => void
  /** After each request that may have changed something. */
  after: () => void
}

/** @param port any free one for 0. Listens on 127.0.0.1 alone. */
export async function listen(port: number, served: Served): Promise<http.Server> {
  const server = http.createServer((req, res) => {
    void handle(req, res, served).catch((error: unknown) => {
      res
        .writeHead(500, { 'content-type': 'text/plain' })
        .end(`The emulator itself failed: ${String(error)}\n`)
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return server
}
export const portOf = (server: http.Server): number => (server.address() as AddressInfo).port

async function handle(req: http.IncomingMessage, res: http.ServerResponse, served: Served): Promise<void> {
  const asked = await read(req)
  served.before()
  if (!asked.url.startsWith('/v1/') && !asked.url.startsWith('/v2/'))
    return send(res, fromElsewhere(asked) ?? served.pages(asked) ?? NOT_FOUND, served)
  const fault = served.faults.take(`${asked.method} ${asked.url}`)
  if (served.faults.delay > 0) await new Promise((resolve) => setTimeout(resolve, served.faults.delay))
  if (fault === 'hang') return
  if (fault === 'reset') return void res.destroy()
  if (fault !== undefined && fault !== 'lost') return send(res, failing(fault), served)
  const answer = served.api.answer(asked)
  if (fault !== 'lost') return send(res, answer, served)
  served.after()
  res.destroy()
}

function send(res: http.ServerResponse, answer: Answer, served: Served): void {
  served.after()
  res.writeHead(answer.status, answer.headers).end(answer.body)
}

/** Pages that change things take nothing from other sites, nor under a name that is not this machine's (DNS rebinding). */
function fromElsewhere({ method, headers }: Asked): Answer | null {
  const crossSite = method !== 'GET' && headers['sec-fetch-site'] === 'cross-site'
  if (!crossSite && isLoopback(`http://${headers['host'] ?? ''}`)) return null
  return { status: 403, headers: { 'content-type': 'text/plain' }, body: 'From elsewhere\n' }
}

const NOT_FOUND: Answer = { status: 404, headers: { 'content-type': 'text/plain' }, body: 'No such page\n' }

function failing({ status, code, message }: Exclude<Fault, string>): Answer {
  const type = status === 402 ? 'card_error' : status >= 500 ? 'api_error' : 'invalid_request_error'
  const failure = new StripeFailure(status, {
    type,
    message: message ?? 'A fault that a test asked for.',
    ...(code !== undefined && { code }),
  })
  return {
    status,
    headers: { 'content-type': 'application/json', 'request-id': 'req_fault' },
    body: JSON.stringify(failure.body('req_fault')),
  }
}

async function read(req: http.IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MOST_BYTES) throw new Error('too long')
    chunks.push(chunk)
  }
  return {
    method: req.method ?? '',
    url: req.url ?? '/',
    headers: req.headers as Record<string, string | undefined>,
    body: Buffer.concat(chunks).toString(),
  }
}
