import { AppError } from '@/server/platform/errors'
import { log } from '@/server/platform/log'
import { errorBody } from '@/server/rpc/errors'

/** RFC 7644, table 9; `noTarget` and `tooMany` too. */
type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'

/** An error as SCIM has it: its `detail` is meant for whoever runs the directory, and holds no internals. */
export class ScimError extends Error {
  override name = 'ScimError'
  constructor(
    readonly status: number,
    readonly scimType: ScimType | undefined,
    detail: string,
  ) {
    super(detail)
  }
}

export const badValue = (detail: string) => new ScimError(400, 'invalidValue', detail)
export const badSyntax = (detail: string) => new ScimError(400, 'invalidSyntax', detail)
export const badFilter = (detail: string) => new ScimError(400, 'invalidFilter', detail)
export const badPath = (detail: string) => new ScimError(400, 'invalidPath', detail)

export const SCIM_JSON = 'application/scim+json; charset=utf-8'

/** The answer to whatever went wrong (RFC 7644, 3.12); what was not expected is logged and says nothing. */
export function scimErrorResponse(error: unknown, requestId: string): Response {
  const known =
    error instanceof ScimError ? { status: error.status, message: error.message } : errorBody(error)
  if (known.status >= 500 && !(error instanceof AppError))
    log().error({ err: error, requestId }, 'request failed')
  const headers: Record<string, string> = {
    'content-type': SCIM_JSON,
    'cache-control': 'no-store',
    'x-request-id': requestId,
  }
  if ('retryAfter' in known && known.retryAfter) headers['retry-after'] = String(known.retryAfter)
  if (known.status === 401) headers['www-authenticate'] = 'Bearer'
  const body = {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: String(known.status),
    ...(error instanceof ScimError && error.scimType && { scimType: error.scimType }),
    detail: known.message,
  }
  return new Response(JSON.stringify(body), { status: known.status, headers })
}
