import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Result } from './stage'

/** What a process of the hunt is told. `tests`: in which order, up to the first that fails; absent: all, to the end. */
export type Order = { do: 'run'; tests?: string[]; id?: string; sql?: string[] } | { do: 'end' }
/** What it answers: what it came by while it loaded the product, or what became of the tests. */
export type Report = { loaded: string[]; broken?: string } | { results: Result[] }

/** One process that has loaded the product, in one layer, perhaps with a mutant awake from the start. */
export interface Session {
  /** What it came by while it loaded; `broken`: it could not. */
  ready: Promise<{ loaded: string[]; broken?: string }>
  run: (order: Omit<Order & { do: 'run' }, 'do'>) => Promise<Result[]>
  end: () => void
  /** Says that its process is gone. */
  lost: () => void
}

/** Said when a process ends that was to answer. */
export const LOST = 'a process of the hunt was lost'

/** Listens on loopback for the processes of the hunt. */
export async function switchboard(): Promise<{
  open: () => { address: string; session: Session }
  close: () => void
}> {
  const lines = new Map<string, (report: Report) => Promise<Order>>()
  const server = http.createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += String(chunk)))
    request.on('end', () => {
      const line = lines.get(request.url ?? '')
      void line?.(JSON.parse(body) as Report).then((order) => response.end(JSON.stringify(order)))
    })
  })
  server.requestTimeout = 0
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  let n = 0
  return {
    open: () => {
      const url = `/${++n}`
      const { session, line } = makeSession()
      lines.set(url, line)
      return { address: `http://127.0.0.1:${port}${url}`, session }
    },
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

interface Deferred<T> {
  promise: Promise<T>
  resolve: (value: T) => void
  reject: (error: Error) => void
}

function deferred<T>(): Deferred<T> {
  const made = {} as Deferred<T>
  made.promise = new Promise<T>((resolve, reject) => Object.assign(made, { resolve, reject }))
  made.promise.catch(() => undefined) // a lost process is heard of by who asks it next
  return made
}

function makeSession(): { session: Session; line: (report: Report) => Promise<Order> } {
  let send: (order: Order) => void = () => undefined
  const first = deferred<{ loaded: string[]; broken?: string }>()
  let pending: Deferred<Result[]> | undefined
  const gone = () => new Error(LOST)
  return {
    line: (report) =>
      new Promise((resolve) => {
        send = resolve
        if ('results' in report) pending?.resolve(report.results)
        else first.resolve(report)
      }),
    session: {
      ready: first.promise,
      run: (order) => {
        pending = deferred()
        send({ do: 'run', ...order })
        return pending.promise
      },
      end: () => send({ do: 'end' }),
      lost: () => {
        first.reject(gone())
        pending?.reject(gone())
      },
    },
  }
}
