/** Codes of errors that people may see; each has one HTTP status. */
const STATUS = {
  invalid_input: 400,
  invalid_org: 400,
  unauthenticated: 401,
  license_required: 402,
  license_limit: 402,
  access_denied: 403,
  org_suspended: 403,
  address_refused: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  unsupported_media_type: 415,
  rate_limited: 429,
  feature_disabled: 501,
  unavailable: 503,
} as const
export type ErrorCode = keyof typeof STATUS

/** An expected error: its message is meant for the caller and holds no internals. Services throw these. */
export class AppError extends Error {
  override name = 'AppError'
  readonly status: number
  constructor(
    readonly code: ErrorCode,
    message: string,
    /** Per field of the input, what is wrong with it; `retryAfter` in seconds; the `feature` that a licence is missing for. */
    readonly details: { fields?: Record<string, string>; retryAfter?: number; feature?: string } = {},
  ) {
    super(message)
    this.status = STATUS[code]
  }
}

/** The same words for a foreign id and for one that never was (PRODUCT rule 1). */
export const notFound = () => new AppError('not_found', 'Not found')
export const denied = (why = 'You do not have permission to do this') => new AppError('access_denied', why)
/** The same whatever is asked for, and by whom: it says the address, which the caller knows, and nothing else. */
export const addressRefused = (ip: string) =>
  new AppError('address_refused', `This address (${ip}) is not allowed here.`)
export const conflict = (why: string, fields?: Record<string, string>) =>
  new AppError('conflict', why, { fields })
/** One field of the input is wrong. */
export const invalidField = (field: string, why: string) =>
  new AppError('invalid_input', why, { fields: { [field]: why } })
