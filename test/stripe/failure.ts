/**
 * An error as Stripe answers it: HTTP status and the `error` object (https://docs.stripe.com/api/errors). The SDK picks its class by `type`
 * and status.
 */
export class StripeFailure extends Error {
  constructor(
    readonly status: number,
    readonly error: {
      type: 'invalid_request_error' | 'card_error' | 'idempotency_error' | 'api_error'
      message: string
      code?: string
      param?: string
      decline_code?: string
    },
  ) {
    super(error.message)
  }
  /** The body of the answer. @param requestId the one in the header `request-id` */
  body(requestId: string): unknown {
    const { code } = this.error
    return {
      error: {
        ...this.error,
        ...(code !== undefined && {
          doc_url: `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}`,
        }),
        request_log_url: `https://dashboard.stripe.com/test/logs/${requestId}`,
      },
    }
  }
}

/** 400: the request itself is wrong. */
export const invalid = (message: string, param?: string, code?: string): StripeFailure =>
  new StripeFailure(400, {
    type: 'invalid_request_error',
    message,
    ...(param !== undefined && { param }),
    ...(code !== undefined && { code }),
  })

/** 404 where the id stands in the path, 400 where it stands in a parameter, as Stripe does. */
export const missing = (noun: string, id: string, param = 'id'): StripeFailure =>
  new StripeFailure(param === 'id' ? 404 : 400, {
    type: 'invalid_request_error',
    message: `No such ${noun}: '${id}'`,
    param,
    code: 'resource_missing',
  })

/** 400 of the emulator alone: Stripe knows the parameter, the emulator has no model of it, and to ignore it would be a lie. */
export const notModelled = (param: string): StripeFailure =>
  invalid(
    `The emulator does not model ${param} (docs/billing-stripe-emulator.md). Stripe itself knows it.`,
    param,
    'emulator_not_modelled',
  )

/** 402: the bank said no. */
export const declined = (): StripeFailure =>
  new StripeFailure(402, {
    type: 'card_error',
    message: 'Your card was declined.',
    code: 'card_declined',
    decline_code: 'generic_decline',
  })
