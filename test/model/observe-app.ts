import { createHash } from 'node:crypto'
import { type AuthRow, buildAuthority } from '@/server/context/authority'
import { tokenHash } from '@/server/context/build'
import { allVerbs, type Reach, verbsOn } from '@/server/authz/reach'
import { verbsOfRelation } from '@/server/authz/relation'
import type { Viewer } from '@/server/authz/sight'
import type { Tx } from '@/server/db/scope'
import { type Sql, sql } from '@/server/db/sql'
import { listResources, type ResourceQuery } from '@/server/features/resources/resource-list.repo'
import { findResources, type ResourceRecord } from '@/server/features/resources/resources.repo'
import { TENANTS as WORLD_TENANTS, tokenOf } from '@/test/actors'
import { type Connection, servingOf } from './connection'
import { idFor, slotFor } from './ids'
import { type Actor, exists, verbsOf } from './people'
import type { Verb } from './sight'
import { homeOf, PERSONS, type State } from './state'

const VERBS: Verb[] = ['see', 'act', 'edit', 'delete']
const SEARCH = 'WEB'

/** Those who look: everybody at home, and Mara at work in Acme. */
export const ACTORS: Actor[] = [
  ...PERSONS.map((person) => ({ person, tenant: homeOf(person) })),
  { person: 'Mara', tenant: 'A' },
]
const tokenOfActor = ({ person, tenant }: Actor) =>
  tokenHash(tenant === homeOf(person) ? tokenOf(person) : 'Mara in Acme')
export const nameOf = ({ person, tenant }: Actor): string => `${person} in ${tenant}`

/** How far each actor reaches, as every request of theirs finds out. */
export async function reachOfAll({ db }: Connection): Promise<Reach[]> {
  const who = ACTORS.map((actor, n) => ({
    n,
    token: tokenOfActor(actor).toString('hex'),
    slug: WORLD_TENANTS[actor.tenant].slug,
  }))
  const { rows } = await db.query<{ row: AuthRow }>(
    `select wall.auth_peek(decode(x.token, 'hex'), x.slug) as row from json_to_recordset($1) as x(n int, token text, slug text) order by x.n`,
    [JSON.stringify(who)],
  )
  return rows.map(({ row }) => buildAuthority(row).reach)
}

/** Texts that were sent before, and how often: those that come back are planned once. */
const sent = new Map<string, number>()
const NAMED_AT_MOST = 80

function nameFor(role: string, text: string): string | undefined {
  const name = createHash('sha256').update(`${role} ${text}`).digest('hex').slice(0, 60)
  const times = sent.get(name) ?? 0
  if (times === 0 && sent.size > 5000) for (const [other, n] of sent) if (n < 3) sent.delete(other)
  const isNamed =
    times >= 3 || (times === 2 && [...sent.values()].filter((n) => n >= 3).length < NAMED_AT_MOST)
  if (times < 2 || isNamed) sent.set(name, times + 1)
  return isNamed ? name : undefined
}

/** A transaction as repositories know it, on the sequence's own connection. */
function txOn({ db, asSent }: Connection, role: string): Tx {
  const query = async (strings: TemplateStringsArray, ...values: unknown[]) => {
    const { text, values: bound } = sql(strings, ...(values as Sql[]))
    return (await db.query({ name: nameFor(role, text), text: asSent(text), values: bound }))
      .rows as unknown[]
  }
  return { $queryRaw: query } as unknown as Tx
}

/** What the application shows a person: lists with their count, a search, each thing by its id, and what they may do with it. */
export interface Shown {
  list: string[]
  count: number
  search: string[]
  get: string[]
  /** Verbs by the SQL of reach, and by the same worked out on each row. */
  bySql: string[]
  byRow: string[]
}
const LIST: ResourceQuery = { sort: 'name', desc: false, position: null, limit: 100, counted: true }

function verbsOfFound(viewer: Viewer, row: ResourceRecord): string {
  const relation = verbsOfRelation(viewer.tenantId, row)
  const reached = { see: true, act: row.reachAct, edit: row.reachEdit, delete: row.reachDelete }
  const verbs = VERBS.filter(
    (verb) => relation.has(verb) && reached[verb] && allVerbs(row.kind).includes(verb),
  )
  return `${slotFor(row.id)}: ${verbs.join(' ')}`
}

function verbsOfSlot(state: State, actor: Actor, reach: Reach, row: ResourceRecord): string {
  const slot = slotFor(row.id)
  const groups = Object.entries(state.groups).filter(
    ([, of]) => of.tenant === actor.tenant && of.members.includes(slot),
  )
  const tags = state.tags[actor.tenant].map((text) => text.split(' ')).filter(([of]) => of === slot)
  const verbs = verbsOn(reach, {
    ...row,
    groups: groups.map(([id]) => idFor(id)),
    tags: tags.map(([, tag = '']) => tag),
  })
  const relation = verbsOfRelation(reach.tenantId, row)
  return `${slot}: ${VERBS.filter((verb) => verbs.has(verb) && relation.has(verb)).join(' ')}`
}

export async function shownTo(
  connection: Connection,
  state: State,
  actor: Actor,
  reach: Reach,
): Promise<Shown> {
  await connection.db.query(connection.become(actor.tenant, actor.person))
  const tx = txOn(connection, servingOf(actor.tenant))
  const viewer = { tenantId: idFor(actor.tenant), isMaster: actor.tenant === 'M', reach }
  const all = await listResources(tx, viewer, LIST)
  const search = await listResources(tx, viewer, { ...LIST, search: SEARCH, counted: false })
  const found = await findResources(tx, viewer, Object.keys(state.resources).map(idFor))
  return {
    list: all.map(({ id }) => slotFor(id)),
    count: Number(all[0]?.total ?? 0),
    search: search.map(({ id }) => slotFor(id)),
    get: found.map(({ id }) => slotFor(id)).sort(),
    bySql: found.map((row) => verbsOfFound(viewer, row)).sort(),
    byRow: found.map((row) => verbsOfSlot(state, actor, reach, row)).sort(),
  }
}

/** In the order of lists: kind, name, id. */
function sorted(state: State, slots: string[]): string[] {
  const key = (slot: string) =>
    [state.resources[slot]?.kind, state.resources[slot]?.name, idFor(slot)].join('\0')
  return [...slots].sort((a, b) => Buffer.compare(Buffer.from(key(a)), Buffer.from(key(b))))
}

export function expectedShown(state: State, actor: Actor): Shown {
  const all = Object.keys(state.resources).filter((slot) => exists(state, actor, slot))
  const search = all.filter((slot) =>
    state.resources[slot]?.name.toLowerCase().includes(SEARCH.toLowerCase()),
  )
  const verbs = all
    .map((slot) => `${slot}: ${VERBS.filter((verb) => verbsOf(state, actor, slot).includes(verb)).join(' ')}`)
    .sort()
  return {
    list: sorted(state, all),
    count: all.length,
    search: sorted(state, search),
    get: [...all].sort(),
    bySql: verbs,
    byRow: verbs,
  }
}
