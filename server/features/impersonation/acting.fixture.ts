import { type Answer, ask, call } from '@/server/sweep/call'
import { procedureOf } from '@/server/sweep/declared'
import { type PersonName, personOf, TENANTS, tokenOf } from '@/test/actors'
import { tenantId, userId } from '@/test/factories'
import type { World } from '@/test/world'

export const REASON = 'Ticket 4711: disk is full'

/** One who acts as somebody: a browser on the tenant's host that holds the cookie. */
export interface Acting {
  cookie: string
  run: (name: string, input?: unknown) => Promise<Answer>
  status: (name: string, input?: unknown) => Promise<number>
  get: (path: string) => Promise<Answer>
  /** Of its row. */
  id: string
}

interface How {
  who?: PersonName
  readOnly?: boolean
  minutes?: 15 | 30 | 60
  from?: string
}

/** The call that begins it. */
export const start = (world: World, as: PersonName, { who = 'Mara', readOnly = false, ...more }: How = {}) =>
  call(world, who, procedureOf('impersonation.start'), {
    tenantId: tenantId(personOf(as).tenant),
    userId: userId(as),
    reason: REASON,
    readOnly,
    ...more,
  })

const cookieIn = ({ headers }: Answer, name: string): string =>
  new RegExp(`^set-cookie: (${name}=[^;]*)`, 'm').exec(headers)?.[1] ?? ''
const pathIn = ({ headers }: Answer): string => /^location: https?:\/\/[^/]+(\S*)/m.exec(headers)?.[1] ?? ''

/** The three steps of the hand-off. @returns the answer of each, by name */
export async function handOver(world: World, next: string, as: PersonName, who: PersonName = 'Mara') {
  const begin = await ask(world, as, new URL(next).pathname + new URL(next).search, {}, { cookie: null })
  const nonce = cookieIn(begin, 'fh-nonce')
  const code = await ask(world, who, pathIn(begin))
  const finish = await ask(world, as, pathIn(code), {}, { cookie: nonce })
  return { begin, nonce, code, finish, codePath: pathIn(code) }
}

/** A browser with these cookies on the tenant's host of somebody. */
export function browserOn(world: World, as: PersonName, cookie: string, id = ''): Acting {
  const run = (name: string, input?: unknown) =>
    call(world, as, procedureOf(name), input, { facts: { cookie } })
  return {
    cookie,
    id,
    run,
    status: async (name, input) => (await run(name, input)).status,
    get: (path) => ask(world, as, path, {}, { cookie }),
  }
}

/** Begins and crosses over: somebody of the master acts as somebody. */
export async function actAs(world: World, as: PersonName, how: How = {}): Promise<Acting> {
  const begun = await start(world, as, how)
  if (begun.status !== 200) throw new Error(`impersonation.start answered ${begun.status}: ${begun.text}`)
  const { id, next } = begun.data as { id: string; next: string }
  const { finish } = await handOver(world, next, as, how.who)
  const cookie = cookieIn(finish, 'fh-acting')
  if (cookie === '') throw new Error(`nobody came in: ${finish.headers}`)
  return browserOn(world, as, cookie, id)
}

/** The cookie of somebody's own session, beside it. */
export const ownCookie = (name: PersonName): string => `fh=${tokenOf(name)}`
export const hostOf = (name: PersonName): string => `${TENANTS[personOf(name).tenant].slug}.localhost:3000`
