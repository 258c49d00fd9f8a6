import { timingSafeEqual } from 'node:crypto'
import type { Account } from '@/test/stripe/account/account'
import { newId } from '@/test/stripe/account/ids'
import { expand } from '@/test/stripe/expand'
import { StripeFailure } from '@/test/stripe/failure'
import { recall, remember } from '@/test/stripe/idempotency'
import { type ParameterCheck, type Params, parseForm } from '@/test/stripe/params'
import { findRoute } from '@/test/stripe/routes/all'
import { refuseUnmodelled, type Route } from '@/test/stripe/routes/route'

export interface Asked {
  method: string
  /** With its query. */
  url: string
  headers: Record<string, string | undefined>
  body: string
}
export interface Answer {
  status: number
  headers: Record<string, string>
  body: string
}
/** What was asked, for tests to look at; the key is not kept. */
export interface Logged {
  method: string
  path: string
  params: Params
  idempotencyKey: string | null
  status: number
}

/** Stripe's API over an account. */
export class Api {
  readonly log: Logged[] = []

  constructor(
    private readonly account: Account,
    private readonly secretKey: string,
    private readonly check: ParameterCheck,
  ) {}

  /** Never throws: what goes wrong is an answer too. */
  answer(asked: Asked): Answer {
    const requestId = newId('req')
    const { pathname, search } = new URL(asked.url, 'http://stripe')
    const raw = parseForm(asked.method === 'GET' ? search.slice(1) : asked.body)
    const key = asked.method === 'POST' ? (asked.headers['idempotency-key'] ?? null) : null
    let answer: Answer
    try {
      this.authenticate(asked.headers.authorization)
      answer = this.serve(asked, pathname, raw, key, requestId)
    } catch (error) {
      answer = failed(error, requestId)
    }
    this.log.push({
      method: asked.method,
      path: pathname,
      params: raw,
      idempotencyKey: key,
      status: answer.status,
    })
    const version = asked.headers['stripe-version']
    return {
      ...answer,
      headers: {
        'content-type': 'application/json',
        'request-id': requestId,
        ...(key !== null && { 'idempotency-key': key }),
        ...(version !== undefined && { 'stripe-version': version }),
        ...answer.headers,
      },
    }
  }

  private authenticate(header: string | undefined): void {
    const given = header?.replace(/^Bearer /, '')
    if (given === undefined) throw unauthorised('You did not provide an API key.')
    const [a, b] = [Buffer.from(given), Buffer.from(this.secretKey)]
    if (a.length !== b.length || !timingSafeEqual(a, b))
      throw unauthorised(`Invalid API Key provided: ${given.slice(0, 8)}****${given.slice(-4)}`)
  }

  private serve(asked: Asked, path: string, raw: Params, key: string | null, requestId: string): Answer {
    const found = findRoute(asked.method, path)
    if (!found)
      throw new StripeFailure(404, {
        type: 'invalid_request_error',
        message: `Unrecognized request URL (${asked.method}: ${path}). If you are trying to list objects, remove the trailing slash. If you are trying to retrieve an object, make sure you passed a valid (non-empty) identifier in your code. The emulator answers what docs/billing-stripe-emulator.md lists.`,
      })
    const request = `${asked.method} ${path} ${JSON.stringify(raw)}`
    const before = key === null ? undefined : recall(this.account, key, request)
    if (before)
      return {
        status: before.status,
        body: before.body,
        headers: { 'idempotent-replayed': 'true', 'original-request': before.requestId },
      }
    const params = this.check.read(found.route.type, raw)
    refuseUnmodelled(found.route, params)
    const answer = this.run(found.route, params, found.ids, key, requestId)
    if (key !== null) remember(this.account, { ...answer, id: key, request, requestId })
    return answer
  }

  private run(route: Route, params: Params, ids: string[], key: string | null, requestId: string): Answer {
    this.account.origin = { id: requestId, idempotencyKey: key }
    try {
      const object = route.run(this.account, params as never, ids)
      const body = expand(this.account, object, params['expand'] as string[] | undefined)
      return { status: 200, headers: {}, body: JSON.stringify(body, null, 2) }
    } catch (error) {
      return failed(error, requestId)
    } finally {
      this.account.origin = null
    }
  }
}

const unauthorised = (message: string): StripeFailure =>
  new StripeFailure(401, { type: 'invalid_request_error', message })

function failed(error: unknown, requestId: string): Answer {
  const failure =
    error instanceof StripeFailure
      ? error
      : new StripeFailure(500, {
          type: 'api_error',
          message: `The emulator itself failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        })
  return {
    status: failure.status,
    headers: {},
    body: JSON.stringify(failure.body(requestId), null, 2),
  }
}
