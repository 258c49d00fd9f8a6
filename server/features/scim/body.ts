import { badSyntax, ScimError } from './scim-error'

export type Json = Record<string, unknown>

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The object that was sent. @throws ScimError 415, 400 invalidSyntax */
export async function readBody(request: Request): Promise<Json> {
  const type = request.headers.get('content-type') ?? ''
  if (!/^application\/(?:scim\+)?json\s*(?:;|$)/i.test(type))
    throw new ScimError(415, undefined, 'Send application/scim+json')
  let body: unknown
  try {
    body = JSON.parse(await request.text())
  } catch {
    throw badSyntax('The body is no JSON')
  }
  if (!isObject(body)) throw badSyntax('The body is one JSON object')
  return body
}

/** A value by its name, which has no case (RFC 7643, 2.1). */
export function field(body: Json, name: string): unknown {
  const key = Object.keys(body).find((one) => one.toLowerCase() === name.toLowerCase())
  return key === undefined ? undefined : body[key]
}

/** One change of a PATCH (RFC 7644, 3.5.2); Entra ID writes `Add`. */
export interface Operation {
  op: 'add' | 'replace' | 'remove'
  path: string | null
  value: unknown
}

const OPERATIONS_MAX = 1000

/** @throws ScimError 400 invalidSyntax */
export function readOperations(body: Json): Operation[] {
  const list = field(body, 'Operations')
  if (!Array.isArray(list) || list.length === 0) throw badSyntax('Operations is a list of changes')
  if (list.length > OPERATIONS_MAX) throw badSyntax(`At most ${OPERATIONS_MAX} Operations`)
  return list.map((one: unknown) => {
    if (!isObject(one)) throw badSyntax('Each of Operations is an object')
    const op = String(field(one, 'op')).toLowerCase()
    const path = field(one, 'path')
    if (op !== 'add' && op !== 'replace' && op !== 'remove') throw badSyntax('op is add, replace or remove')
    if (path !== undefined && path !== null && typeof path !== 'string') throw badSyntax('path is a text')
    if (op === 'remove' && !path) throw new ScimError(400, 'noTarget', 'remove says what: it needs a path')
    return { op, path: path || null, value: field(one, 'value') }
  })
}
