import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import qs from 'qs'
import { invalid, type StripeFailure } from '@/test/stripe/failure'
import { parameterSchemas } from '@/test/stripe/params-schema'

export type Params = Record<string, unknown>

/** `a[b][0]=c` as the SDK writes it, in a body or behind a question mark. */
export const parseForm = (text: string): Params =>
  qs.parse(text, { depth: 12, arrayLimit: 1000, parameterLimit: 5000, allowPrototypes: false })

/** Checks of requests against the parameter types of the installed SDK. */
export class ParameterCheck {
  private readonly ajv: Ajv
  private readonly compiled = new Map<string, ValidateFunction>()

  /** @param types names below `Stripe`, all that will ever be asked */
  constructor(types: string[]) {
    this.ajv = new Ajv({ coerceTypes: true, allErrors: true, strict: false, verbose: true })
    this.ajv.addSchema({ $id: 'stripe', definitions: parameterSchemas(types) })
  }

  /**
   * The parameters with numbers and booleans in place of their text.
   * @throws StripeFailure 400 that names the first parameter that is unknown, missing or of the wrong type
   */
  read(type: string, raw: Params): Params {
    let check = this.compiled.get(type)
    if (!check) {
      check = this.ajv.compile({ $ref: `stripe#/definitions/${type.replaceAll('.', '_')}_` })
      this.compiled.set(type, check)
    }
    const params = structuredClone(raw)
    if (check(params)) return params
    throw failureOf(check.errors ?? [])
  }
}

/** `/items/0/price` as Stripe names it: `items[0][price]`. */
function nameOf(error: ErrorObject): string {
  const segments = error.instancePath.split('/').slice(1).map(decodeURIComponent)
  const { additionalProperty, missingProperty } = error.params as Record<string, string | undefined>
  const last = additionalProperty ?? missingProperty
  if (last !== undefined) segments.push(last)
  return segments.map((one, index) => (index === 0 ? one : `[${one}]`)).join('')
}

const RANK = ['additionalProperties', 'required', 'enum', 'const', 'pattern', 'type', 'anyOf']
const depth = (error: ErrorObject): number =>
  error.instancePath.split('/').length +
  (error.keyword === 'additionalProperties' || error.keyword === 'required' ? 1 : 0)

/** Of all that is wrong, the innermost: the branches of a union that do not fit complain further out. */
function failureOf(errors: ErrorObject[]): StripeFailure {
  const [worst] = [...errors].sort(
    (a, b) => depth(b) - depth(a) || RANK.indexOf(a.keyword) - RANK.indexOf(b.keyword),
  )
  if (!worst) return invalid('Invalid request')
  const param = nameOf(worst)
  const given = JSON.stringify(worst.data)
  switch (worst.keyword) {
    case 'additionalProperties':
      return invalid(`Received unknown parameter: ${param}`, param, 'parameter_unknown')
    case 'required':
      return invalid(`Missing required param: ${param}.`, param, 'parameter_missing')
    case 'enum':
    case 'const': {
      const { allowedValues, allowedValue } = worst.params as {
        allowedValues?: unknown[]
        allowedValue?: unknown
      }
      const allowed = (allowedValues ?? [allowedValue]).join(', ')
      return invalid(`Invalid ${param}: must be one of ${allowed}`, param, 'parameter_invalid_enum')
    }
    default: {
      const { type = 'value' } = worst.params as { type?: string }
      if (type === 'integer' || type === 'number')
        return invalid(`Invalid integer: ${given.replaceAll('"', '')}`, param, 'parameter_invalid_integer')
      return invalid(`Invalid ${type}: ${given}`, param, `parameter_invalid_${type}`)
    }
  }
}
