import { z } from 'zod'
import { ConnectorError, type HttpRequest } from '../contract'
import { exchange, refusal, type Reply } from './http'
import { pathTo, type ServiceName } from './services'
import { closeSession, openSession, type Context } from './session'

/** The API of Pike (2017): a server tells what its flavor holds, so that no flavor is asked for. */
const NOVA = { 'x-openstack-nova-api-version': '2.47' }
const PAGE = 1000
const MOST_PAGES = 200

/** One request to a service, any status but that of a token that is no longer taken: then once more with another. @throws ConnectorError */
export async function ask(context: Context, service: ServiceName, request: HttpRequest): Promise<Reply> {
  for (let isAgain = false; ; isAgain = true) {
    const { token, services } = await openSession(context)
    const headers = { 'x-auth-token': token, ...(service === 'compute' && NOVA), ...request.headers }
    const path = pathTo(services, service) + request.path
    const reply = await exchange(context, { ...request, path, headers })
    if (reply.status !== 401) return reply
    closeSession(context)
    if (isAgain) throw refusal(reply)
  }
}

/** What is read there, checked. @throws ConnectorError, also for every refusal */
export async function read<T>(
  context: Context,
  service: ServiceName,
  path: string,
  schema: z.ZodType<T>,
): Promise<T> {
  const reply = await ask(context, service, { method: 'GET', path })
  if (reply.status !== 200) throw refusal(reply)
  const parsed = schema.safeParse(reply.value)
  if (parsed.success) return parsed.data
  throw reply.isPage
    ? new ConnectorError('wrong_server', `The ${service} service answers with a web page`)
    : new ConnectorError('bad_answer', `The answer of the ${service} service is not understood`)
}

interface List<T> {
  service: ServiceName
  /** With its query, but for `limit` and `marker`. */
  path: string
  /** The field of the answer that holds the rows. */
  field: string
  row: z.ZodType<T>
}

/**
 * All rows of a list, page by page. The next page is asked for by the last row's id, and never by an address that the server gives.
 * @throws ConnectorError, also where the list has no end
 */
export async function* pages<T extends { id: string }>(
  context: Context,
  { service, path, field, row }: List<T>,
): AsyncGenerator<T[]> {
  const schema = z.looseObject({
    [field]: z.array(row),
    [`${field}_links`]: z.array(z.looseObject({ rel: z.string() })).nullish(),
    next: z.string().nullish(),
  })
  const seen = new Set<string>()
  let marker = ''
  for (let page = 0; ; page++) {
    const query = `${path.includes('?') ? '&' : '?'}limit=${PAGE}${marker && `&marker=${encodeURIComponent(marker)}`}`
    const answer = await read(context, service, path + query, schema)
    const rows = answer[field] as T[]
    const links = answer[`${field}_links`] as { rel: string }[] | null | undefined
    const fresh = rows.filter(({ id }) => !seen.has(id))
    for (const { id } of fresh) seen.add(id)
    yield fresh
    // Glance says `next`, the others have a link; all of them after any full page, so that the last may be empty
    if (rows.length === 0 || (!answer.next && !links?.some(({ rel }) => rel === 'next'))) return
    marker = rows.at(-1)?.id ?? ''
    if (fresh.length === 0 || page + 1 >= MOST_PAGES)
      throw new ConnectorError('bad_answer', `The list of the ${service} service has no end`)
  }
}

/** All rows of a list; none where the roles do not allow to look. @throws ConnectorError */
export async function rowsIfAllowed<T extends { id: string }>(context: Context, list: List<T>): Promise<T[]> {
  const all: T[] = []
  try {
    for await (const rows of pages(context, list)) all.push(...rows)
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'forbidden') return []
    throw error
  }
  return all
}
