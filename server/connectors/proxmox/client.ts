import { z } from 'zod'
import {
  ConnectorError,
  type ConnectorContext,
  type HttpAnswer,
  type HttpRequest,
} from '@/server/connectors/contract'

export const settings = z.strictObject({})
/** `user@realm!name` and the secret that Proxmox showed once. */
export const secret = z.strictObject({
  tokenId: z
    .string()
    .trim()
    .max(200)
    .regex(/^[\w.+-]+@[A-Za-z][\w.-]*![A-Za-z][\w.-]*$/, 'Enter it as user@realm!name'),
  token: z
    .string()
    .trim()
    .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'Enter the secret as Proxmox showed it'),
})
export type Context = ConnectorContext<z.output<typeof settings>, z.output<typeof secret>>

/** A list of 100,000 guests is some 40 MB. */
const LARGE = { maxBytes: 64 * 1024 * 1024, timeoutMs: 60_000 }

/** Seconds since 1970, no later than the year 9999: what is beyond it is no time that anything here could write down. */
export const seconds = z.number().nonnegative().max(253_402_300_799)

const enveloped = z.object({ data: z.unknown() })

function jsonOf(answer: HttpAnswer): unknown {
  const text = answer.body.toString('utf8')
  try {
    return JSON.parse(text)
  } catch {
    const isPage = /^\s*</.test(text)
    throw isPage
      ? new ConnectorError('wrong_server', 'The server answers with a web page, not as Proxmox VE does')
      : new ConnectorError('bad_answer', 'The server sent an answer that cannot be read')
  }
}

/** What a status of 400 and more means. The words of the server are not repeated: they name things that the asker may not see. */
function refusal(answer: HttpAnswer): ConnectorError {
  const said = `${answer.statusText} ${answer.body.toString('utf8', 0, 2000)}`
  switch (answer.status) {
    case 401:
      return new ConnectorError('unauthenticated', 'Proxmox VE does not accept this token')
    case 403:
      return new ConnectorError('forbidden', 'The token lacks a privilege for this')
    case 429:
      return new ConnectorError(
        'rate_limited',
        'The server asks to wait',
        Number(answer.headers['retry-after']) || undefined,
      )
    case 404:
      return new ConnectorError('wrong_server', 'There is no Proxmox VE at this address')
    case 501:
      return new ConnectorError('unsupported', 'This version of Proxmox VE does not know how to do that')
    // pveproxy's own for a node that does not answer
    case 595:
    case 596:
      return new ConnectorError('unreachable', 'The node does not answer the rest of its cluster')
  }
  if (answer.status === 500 && /does not exist|no such (vm|ct)/i.test(said))
    return new ConnectorError('not_found', 'It is not there any more')
  return answer.status < 500
    ? new ConnectorError('bad_answer', `The server refused the request (${answer.status})`)
    : new ConnectorError('server_error', `The server failed (${answer.status})`)
}

/** What every request, also of a websocket, says who it is by. */
export const authorization = ({ secret: { tokenId, token } }: Context): string =>
  `PVEAPIToken=${tokenId}=${token}`

/** Asks for `path` below /api2/json. @returns what stands in `data` @throws ConnectorError */
export async function ask(
  context: Context,
  path: string,
  more: Partial<Pick<HttpRequest, 'method' | 'body'>> & { large?: boolean } = {},
): Promise<unknown> {
  const answer = await context.transport.request({
    method: more.method ?? 'GET',
    path: `/api2/json${path}`,
    headers: {
      authorization: authorization(context),
      ...(more.body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
    },
    body: more.body,
    ...(more.large && LARGE),
  })
  if (answer.status >= 300 && answer.status < 400)
    throw new ConnectorError(
      'wrong_server',
      'The server leads elsewhere; enter the address of Proxmox VE itself',
    )
  if (answer.status !== 200) throw refusal(answer)
  const { data, success } = enveloped.safeParse(jsonOf(answer))
  if (!success) throw new ConnectorError('wrong_server', 'The server does not answer as Proxmox VE does')
  return data.data
}

/** Rows of a list that are as they should be; others are left out. @throws ConnectorError bad_answer where it is no list */
export function rowsOf<T>(schema: z.ZodType<T>, data: unknown): T[] {
  if (!Array.isArray(data))
    throw new ConnectorError('bad_answer', 'The server sent no list where one should be')
  return data.flatMap((row) => {
    const read = schema.safeParse(row)
    return read.success ? [read.data] : []
  })
}
