import type { Tx } from '@/server/db/scope'
import { listResources, type ResourceQuery } from '@/server/features/resources/resource-list.repo'
import type { Viewer } from '@/server/authz/sight'

/** A statement as pg takes it. */
export interface Statement {
  text: string
  values: unknown[]
}

/** The first page of the list of hosts, as the console asks for it. */
export const LIST: ResourceQuery = {
  counted: true,
  kind: 'host',
  search: '',
  sort: 'name',
  desc: false,
  position: null,
  limit: 50,
}

/** The statement that a repository would run, caught on its way: what is compared is always the product's own SQL. */
export function catchStatement(run: (tx: Tx) => Promise<unknown>): Statement {
  let caught: Statement | undefined
  const $queryRaw = (strings: TemplateStringsArray, ...values: unknown[]) => {
    caught = flatten(strings, values)
    return Promise.resolve([])
  }
  void run({ $queryRaw } as unknown as Tx)
  if (!caught) throw new Error('no statement was run')
  return caught
}

/** As Prisma does: pieces of SQL are put in, values are numbered. */
function flatten(strings: readonly string[], holes: readonly unknown[]): Statement {
  const values: unknown[] = []
  const write = (texts: readonly string[], parts: readonly unknown[]): string =>
    texts.reduce((sofar, text, i) => {
      const part = parts[i - 1]
      if (i === 0) return text
      const piece = part as { strings?: readonly string[]; values?: readonly unknown[] } | null
      if (Array.isArray(piece?.strings)) return sofar + write(piece.strings, piece.values ?? []) + text
      values.push(part)
      return `${sofar}$${values.length}${text}`
    }, '')
  const text = write(strings, holes)
  return { text, values }
}

/** The list as somebody would write it who trusts his server: the tenant's clouds and granted kinds are bound values, too. */
export function bareList(viewer: Viewer, clouds: string[], kinds: string[]): Statement {
  const { text, values } = catchStatement((tx) => listResources(tx, viewer, LIST))
  const bind = (sql: string, call: string, value: unknown) => {
    if (!sql.includes(call)) return sql
    values.push(value)
    return sql.replaceAll(call, `$${values.length}`)
  }
  const withClouds = bind(text, '(select wall.ctx_clouds())', clouds)
  return { text: bind(withClouds, '(select wall.ctx_granted_kinds())', kinds), values }
}
