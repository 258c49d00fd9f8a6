import { AppError } from '@/server/platform/errors'

/** Calls at a time, in this process: of one connection, and of all. They run in the connections to the database that every request needs. */
const OF_CONNECTION = 2
const OF_ALL = 3

const running = new Map<string, number>()
let all = 0

const busy = () =>
  new AppError('rate_limited', 'Too many requests at the same moment. Send fewer at a time.', {
    retryAfter: 1,
  })

/** Does something for a connection, where there is room for it. @throws AppError 429 with retryAfter at once, where there is none */
export async function inSlot<T>(connection: string, work: () => Promise<T>): Promise<T> {
  const now = running.get(connection) ?? 0
  if (now >= OF_CONNECTION || all >= OF_ALL) throw busy()
  running.set(connection, now + 1)
  all++
  try {
    return await work()
  } finally {
    all--
    const left = (running.get(connection) ?? 1) - 1
    if (left === 0) running.delete(connection)
    else running.set(connection, left)
  }
}
