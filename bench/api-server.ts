// The production server without Next: guard, dispatch(), answer, exactly as server/http/server.ts does for /api paths, for
// where pages cannot be built. Pages answer 404 here.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { siteConfig } from '@/server/context/site'
import { bodyLimit, dispatch } from '@/server/http/dispatch'
import { sendResponse, toRequest } from '@/server/http/node'
import { errorResponse } from '@/server/http/route'
import { startWorker } from '@/server/jobs/worker'
import { compileCidrs } from '@/server/platform/client-ip'
import { env } from '@/server/platform/env'
import { guardRequest } from '@/server/platform/http-guard'
import { listenForChanges } from '@/server/platform/listen'
import { log } from '@/server/platform/log'
import { noteRequest } from '@/server/platform/request-notes'
import { openEverything } from '@/server/start'

const { database, runtime, secret } = await openEverything()
const listener = await listenForChanges(database.directUrl, secret)
const worker = env().FREEHOLD_WORKER ? await startWorker(database, secret) : null
const guard = { site: siteConfig(), trustedProxies: compileCidrs(env().TRUSTED_PROXIES), dev: false }

async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const guarded = guardRequest(req, guard)
  if (!guarded.ok) return void res.writeHead(guarded.status).end()
  const { host, path, clientIp: ip, requestId } = guarded
  const started = performance.now()
  const note = noteRequest(requestId)
  res.on('close', () => {
    const ms = Math.round(performance.now() - started)
    log().info(
      { requestId, actor: note.done(), method: req.method, path, status: res.statusCode, ms, ip },
      'request',
    )
  })
  const url = new URL(guarded.url, 'http://freehold.invalid')
  const cookie = req.headers.cookie ?? null
  const facts = { host, path, cookie, ip, userAgent: req.headers['user-agent'] ?? '', requestId }
  const response = await toRequest(req, res, url, bodyLimit(url.pathname))
    .then((request) => dispatch(request, url.pathname, facts))
    .catch((error: unknown) => errorResponse(error, requestId))
  await sendResponse(response ?? new Response('Not found\n', { status: 404 }), res)
}

const server = createServer((req, res) => void answer(req, res))
server.listen(env().PORT, env().LISTEN_HOST)

process.on('SIGTERM', () => {
  server.close()
  server.closeAllConnections()
  const stop = async () => {
    await worker?.stop()
    await listener.close()
    await runtime.close()
    await database.close()
    process.exit(0)
  }
  void stop()
})
