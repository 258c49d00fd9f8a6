import pino, { type DestinationStream, type Logger } from 'pino'
import { env } from '@/server/platform/env'
import { redact } from '@/server/platform/redact'

let logger: Logger | undefined

/** The process's log: one JSON line an event (control characters encoded), secrets masked, no request bodies. */
export function log(): Logger {
  return (logger ??= createLogger(env().LOG_LEVEL))
}

/** As log, with a level and a place to write to. */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: { service: 'freehold' },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: (line) => redact(line) },
      serializers: { err: describeError },
      // JSON leaves these as they are, and terminals obey them.
      hooks: { streamWrite: (line) => line.replace(/[\u007f-\u009f\u2028\u2029]/g, escape) },
    },
    destination ?? pino.destination(1),
  )
}

const escape = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`

const LONGEST_MESSAGE = 2000

/** What is known of an error, less what hangs on it: a database's `detail` and Prisma's `meta` quote values. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error).slice(0, LONGEST_MESSAGE)
  const { name, message, stack, cause } = error
  const { code } = error as { code?: unknown }
  const frames = (stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return {
    type: name,
    message: message.slice(0, LONGEST_MESSAGE),
    ...(code !== undefined && { code }),
    stack: frames.join('\n'),
    ...(cause !== undefined && { cause: describeError(cause) }),
  }
}
