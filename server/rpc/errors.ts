import { TRPCError } from '@trpc/server'
import type { TRPC_ERROR_CODE_KEY } from '@trpc/server/rpc'
import { ZodError } from 'zod'
import { AppError, type ErrorCode } from '@/server/platform/errors'
import { sqlStateOf } from '@/server/platform/sql-state'

const TRPC_CODE: Record<ErrorCode, TRPC_ERROR_CODE_KEY> = {
  invalid_input: 'BAD_REQUEST',
  invalid_org: 'BAD_REQUEST',
  unauthenticated: 'UNAUTHORIZED',
  license_required: 'PAYMENT_REQUIRED',
  license_limit: 'PAYMENT_REQUIRED',
  access_denied: 'FORBIDDEN',
  org_suspended: 'FORBIDDEN',
  address_refused: 'FORBIDDEN',
  not_found: 'NOT_FOUND',
  conflict: 'CONFLICT',
  too_large: 'PAYLOAD_TOO_LARGE',
  unsupported_media_type: 'UNSUPPORTED_MEDIA_TYPE',
  rate_limited: 'TOO_MANY_REQUESTS',
  feature_disabled: 'NOT_IMPLEMENTED',
  unavailable: 'SERVICE_UNAVAILABLE',
}

/** The body of an error, the same on every interface: a code for programs, words for people, never internals. */
export interface ErrorBody {
  error: ErrorCode | 'internal'
  message: string
  status: number
  fields?: Record<string, string>
  retryAfter?: number
  feature?: string
  requestId?: string
}

/** The one mapper of errors. What is not expected becomes a 500 without a word about why; the log has it. */
export function errorBody(error: unknown): ErrorBody {
  const cause = error instanceof TRPCError ? (error.cause ?? error) : error
  if (cause instanceof AppError) {
    const licence =
      cause.code === 'license_required'
        ? { feature: 'multi_tenant', ...cause.details, tier: 'enterprise' }
        : {}
    return { error: cause.code, message: cause.message, status: cause.status, ...cause.details, ...licence }
  }
  const isOutput = error instanceof TRPCError && error.code === 'INTERNAL_SERVER_ERROR'
  if (cause instanceof ZodError && !isOutput)
    return { error: 'invalid_input', message: 'Check the input', status: 400, fields: zodFields(cause) }
  if (isUnstorable(cause))
    return { error: 'invalid_input', message: 'Text with a null character cannot be used', status: 400 }
  if (isDatabaseAway(cause))
    return {
      error: 'unavailable',
      message: 'The database does not answer right now. Try again shortly.',
      status: 503,
    }
  if (cause instanceof TRPCError) return trpcBody(cause)
  return { error: 'internal', message: 'Something went wrong on our side', status: 500 }
}

function trpcBody(error: TRPCError): ErrorBody {
  switch (error.code) {
    case 'NOT_FOUND':
      return { error: 'not_found', message: 'Not found', status: 404 }
    case 'BAD_REQUEST':
    case 'PARSE_ERROR':
      return { error: 'invalid_input', message: 'The request could not be read', status: 400 }
    case 'UNSUPPORTED_MEDIA_TYPE':
      return { error: 'unsupported_media_type', message: 'Send application/json', status: 415 }
    case 'METHOD_NOT_SUPPORTED':
      return { error: 'invalid_input', message: 'Method not allowed', status: 405 }
    default:
      return { error: 'internal', message: 'Something went wrong on our side', status: 500 }
  }
}

function zodFields(error: ZodError): Record<string, string> {
  return Object.fromEntries(error.issues.map((issue) => [issue.path.join('.') || 'input', issue.message]))
}

/**
 * The database is away, starting, full, or too slow: SQLSTATEs, Node's and Prisma's codes.
 */
const AWAY =
  /^(ECONN(REFUSED|RESET)|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH|08\w{3}|57P0[1-5]|57014|55P03|53[34]00|P1001|P1002|P1008|P1017|P2024|P2028)$/
const AWAY_WORDS = /timeout exceeded when trying to connect|Connection terminated|not queryable/

/** PostgreSQL holds no NUL in a text and says so with SQLSTATE 22021 (attack K18). */
function isUnstorable(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const { code, meta } = error as { code?: unknown; meta?: unknown }
  return code === '22021' || JSON.stringify(meta ?? null).includes('"22021"')
}

function isDatabaseAway(error: unknown): boolean {
  return AWAY.test(sqlStateOf(error)) || (error instanceof Error && AWAY_WORDS.test(error.message))
}

/** An AppError as tRPC wants it. */
export function toTrpc(error: unknown): TRPCError {
  // What a procedure threw comes wrapped as an internal error: of those, the ones with a status of their own get it.
  const known = (cause: unknown) => cause instanceof AppError || isUnstorable(cause) || isDatabaseAway(cause)
  if (error instanceof TRPCError && !known(error.cause)) return error
  const app = error instanceof TRPCError ? error.cause : error
  if (app instanceof AppError)
    return new TRPCError({ code: TRPC_CODE[app.code], message: app.message, cause: app })
  const body = errorBody(app)
  const code =
    body.status === 503
      ? 'SERVICE_UNAVAILABLE'
      : body.status === 400
        ? 'BAD_REQUEST'
        : 'INTERNAL_SERVER_ERROR'
  return new TRPCError({
    code,
    message: body.message,
    cause: app instanceof Error ? app : new Error(String(app)),
  })
}
