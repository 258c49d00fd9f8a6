import { z } from 'zod'
import { ConnectorError, type Activity, type ConnectorContext } from '../contract'
import { openWebSocket } from '../transport/websocket'
import { idsByName } from './actions'
import { pathOf, read } from './client'
import { listProjects } from './discover'
import * as schemas from './schemas'

/** Each is a connection; more projects than this are read by the next full look. */
const MAX_STREAMS = 50

/** Tells of every change of each project that the certificate sees. @throws ConnectorError when a stream is lost */
export async function watch(context: ConnectorContext, changed: () => void): Promise<void> {
  const projects = (await listProjects(context)).slice(0, MAX_STREAMS)
  const stop = new AbortController()
  const signal = AbortSignal.any([context.signal, stop.signal])
  try {
    // one lost stream ends all of them: half a view would look like a whole one
    await Promise.all(projects.map(({ name }) => stream({ ...context, signal }, name, changed)))
  } finally {
    stop.abort()
  }
}

async function stream(
  { transport, signal }: ConnectorContext,
  project: string,
  changed: () => void,
): Promise<void> {
  const path = pathOf(['events'], { type: 'lifecycle', project })
  const { socket, stream: told } = await openWebSocket(transport, path, { maxBytes: 1_000_000 })
  told.resume()
  const end = () => socket.terminate()
  signal.addEventListener('abort', end)
  try {
    await new Promise<void>((resolve, reject) => {
      socket.on('message', () => changed())
      socket.on('close', () => (signal.aborted ? resolve() : reject(lost())))
      if (signal.aborted) end()
    })
  } finally {
    signal.removeEventListener('abort', end)
    end()
  }
}

const lost = () => new ConnectorError('unreachable', 'The stream of events was lost')

const STATUS = (code: number): Activity['status'] => (code < 200 ? 'running' : code === 200 ? 'ok' : 'failed')

/** Operations that the server still knows (it forgets them soon after their end), the newest first. @throws ConnectorError */
export async function activity(context: ConnectorContext): Promise<Activity[]> {
  const found: Activity[] = []
  for (const { name: project } of await listProjects(context)) {
    const path = pathOf(['operations'], { recursion: '1', project })
    const byStatus = await read(context, path, z.record(z.string(), z.array(schemas.operation).nullish()))
    // tokens are operations too, which nobody needs to see
    const operations = Object.values(byStatus)
      .flatMap((list) => list ?? [])
      .filter((each) => each.class === 'task')
    if (operations.length === 0) continue
    const ids = await idsByName(context, project)
    found.push(...operations.map((operation) => activityOf(operation, ids)))
  }
  return found.sort((a, b) => b.startedAt.localeCompare(a.startedAt))
}

function activityOf(
  { id, description, status_code: code, err, ...operation }: schemas.Operation,
  ids: Map<string, string>,
) {
  const name = operation.resources?.instances?.[0]?.split('?')[0]?.split('/').at(-1)
  const target = name === undefined ? undefined : ids.get(name)
  const status = STATUS(code)
  return {
    kind: 'task' as const,
    externalId: id,
    title: description,
    ...(target && { target }),
    status,
    ...(err && { message: err.slice(0, 500) }),
    startedAt: new Date(operation.created_at).toISOString(),
    ...(status !== 'running' && { endedAt: new Date(operation.updated_at).toISOString() }),
  }
}
