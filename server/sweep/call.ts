import { handleTrpc } from '@/server/http/trpc'
import { dispatch } from '@/server/http/dispatch'
import { errorResponse } from '@/server/http/route'
import type { RequestFacts } from '@/server/context/build'
import type { ActorName } from '@/test/actors'
import type { World } from '@/test/world'

/** What came back, as it left the server. */
export interface Answer {
  status: number
  /** Whole text, without the request's own id. */
  text: string
  /** Result of a call that worked. */
  data: unknown
  headers: string
}

/** Calls a procedure over HTTP as somebody: cookie, host and all. */
export async function call(
  world: World,
  actor: ActorName,
  procedure: { name: string; type: 'query' | 'mutation' },
  input: unknown,
  more: { signal?: AbortSignal; facts?: Partial<RequestFacts> } = {},
): Promise<Answer> {
  const facts = world.factsOf(actor, more.facts)
  const base = `http://freehold.invalid/api/trpc/${procedure.name}`
  const json = input === undefined ? undefined : JSON.stringify(input)
  const request =
    procedure.type === 'query'
      ? new Request(json === undefined ? base : `${base}?input=${encodeURIComponent(json)}`, {
          signal: more.signal,
        })
      : new Request(base, {
          method: 'POST',
          body: json,
          headers: { 'content-type': 'application/json' },
          signal: more.signal,
        })
  const response = await handleTrpc(request, facts).catch((error: unknown) =>
    errorResponse(error, facts.requestId),
  )
  return answerOf(response, facts.requestId)
}

/** Asks a declared route as somebody. Null: no route of ours. */
export async function ask(
  world: World,
  actor: ActorName,
  path: string,
  init: RequestInit = {},
  facts: Partial<RequestFacts> = {},
): Promise<Answer> {
  const of = world.factsOf(actor, { path: path.split('?')[0], ...facts })
  const request = new Request(`http://freehold.invalid${path}`, init)
  const response =
    (await dispatch(request, path.split('?')[0] ?? path, of)) ?? new Response('Not found\n', { status: 404 })
  return answerOf(response, of.requestId)
}

async function answerOf(response: Response, requestId: string): Promise<Answer> {
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false
  if (isStream) await response.body?.cancel()
  const text = isStream ? '' : (await response.text()).replaceAll(requestId, 'REQUEST')
  const headers = [...response.headers]
    .map(([name, value]) => `${name}: ${value.replaceAll(requestId, 'REQUEST')}`)
    .join('\n')
  return { status: response.status, text, data: dataOf(text), headers }
}

function dataOf(text: string): unknown {
  try {
    return (JSON.parse(text) as { result?: { data?: unknown } }).result?.data
  } catch {
    return undefined
  }
}

/** A copy of an input with the value at a dotted path replaced; of a list by a list of that one value. */
export function withValue(input: unknown, path: string, value: unknown): Record<string, unknown> {
  const copy = structuredClone(input ?? {}) as Record<string, unknown>
  const parts = path.split('.')
  const last = parts.pop() ?? ''
  const holder = parts.reduce<Record<string, unknown>>((at, part) => {
    const next = (at[part] ??= {}) as Record<string, unknown> | Record<string, unknown>[]
    return Array.isArray(next) ? (next[0] ??= {}) : next
  }, copy)
  holder[last] = value
  return copy
}

/** The value at a dotted path; of a list, that of its first element. */
export function valueAt(input: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((at, part) => {
    const holder = (Array.isArray(at) ? at[0] : at) as Record<string, unknown> | undefined
    return holder?.[part]
  }, input)
}
