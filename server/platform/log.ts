import pino, { type Logger } from 'pino'
import { env } from '@/server/platform/env'

const SECRETS = [
  'password',
  'newPassword',
  'token',
  'secret',
  'authorization',
  'cookie',
  '*.password',
  '*.newPassword',
  '*.token',
  '*.secret',
  '*.authorization',
  '*.cookie',
  'headers.authorization',
  'headers.cookie',
]

let logger: Logger | undefined

/** The process's log: one JSON line an event (control characters encoded), secrets masked, no request bodies. */
export function log(): Logger {
  return (logger ??= pino({
    level: env().LOG_LEVEL,
    base: { service: 'freehold' },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: SECRETS, censor: '[secret]' },
    formatters: { level: (label) => ({ level: label }) },
  }))
}
