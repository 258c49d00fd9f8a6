import { readMigrations } from '@/server/db/migrate'
import { parsePolicy, type Policy, splitList, splitStatements, type Statement, unrollLoop } from './sql'

export const COMMANDS = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const
export type Command = (typeof COMMANDS)[number]

/** Rights on one table: role, then command, then the columns it holds for; null: all. */
export type Grants = Map<string, Map<string, string[] | null>>

export interface DefinerFunction {
  name: string
  args: string
  comment: string
  /** Who may call it, beside its owner. */
  roles: string[]
  /** Called by a trigger, not by anyone. */
  trigger: boolean
}

export interface Wall {
  tables: string[]
  policies: Policy[]
  grants: Map<string, Grants>
  definers: DefinerFunction[]
}

const withoutSchema = (name: string): string => name.replace(/^public\./, '')

/** Reads tables, policies, grants and definer functions out of prisma/migrations, in order. Knows no more SQL than these use. */
export function readWall(): Wall {
  const wall: Wall = { tables: [], policies: [], grants: new Map(), definers: [] }
  for (const { sql } of readMigrations()) {
    for (const statement of splitStatements(sql)) {
      apply(wall, statement)
      if (/^do \$/.test(statement.text))
        for (const text of unrollLoop(statement.text)) apply(wall, { comment: '', text })
    }
  }
  return wall
}

function apply(wall: Wall, { comment, text }: Statement): void {
  const [, table] = /^create table (?:if not exists )?"?([\w.]+)"?/i.exec(text) ?? []
  if (table) wall.tables.push(withoutSchema(table))
  const policy = parsePolicy(text)
  if (policy) wall.policies.push(policy)
  const [, dropped, from] = /^drop policy (?:if exists )?(\w+) on ([\w.]+)/i.exec(text) ?? []
  if (dropped && from)
    wall.policies = wall.policies.filter(
      ({ name, table: on }) => name !== dropped || on !== withoutSchema(from),
    )
  applyRights(wall, text)
  applyFunction(wall, comment, text)
}

function applyRights(wall: Wall, text: string): void {
  const [, verb, rights, on, roles] =
    /^(grant|revoke) ([\s\S]+?)\s+on (?!schema|function|database)([\w.,\s]+?)\s+(?:to|from) ([\w,\s]+)$/i.exec(
      text,
    ) ?? []
  if (!verb || !rights || !on || !roles) return
  for (const table of splitList(on).map(withoutSchema)) {
    for (const role of splitList(roles)) {
      for (const right of splitList(rights)) change(wall, verb.toLowerCase() === 'grant', table, role, right)
    }
  }
}

function change(wall: Wall, give: boolean, table: string, role: string, right: string): void {
  const [, command = '', columns] = /^(\w+)\s*(?:\(([\s\S]*)\))?$/.exec(right) ?? []
  const grants = wall.grants.get(table) ?? (new Map() as Grants)
  const own = grants.get(role) ?? new Map<string, string[] | null>()
  wall.grants.set(table, grants.set(role, own))
  const name = command.toUpperCase()
  if (!give) return void own.delete(name)
  const before = own.get(name)
  if (before === null) return
  own.set(name, columns === undefined ? null : [...(before ?? []), ...splitList(columns)])
}

function applyFunction(wall: Wall, comment: string, text: string): void {
  const [head] = /^create (?:or replace )?function [\s\S]*?\$\w*\$/i.exec(text) ?? []
  const [, name = '', args = ''] = /function wall\.(\w+)\(([\s\S]*?)\)\s+returns/i.exec(head ?? '') ?? []
  const [, dropped] = /^drop function (?:if exists )?wall\.(\w+)/i.exec(text) ?? []
  if (dropped) wall.definers = wall.definers.filter((one) => one.name !== dropped)
  if (head && /security definer/i.test(head)) {
    // replaced, a function keeps its grants
    const before = wall.definers.find((one) => one.name === name)
    wall.definers = wall.definers.filter((one) => one.name !== name)
    wall.definers.push({
      name,
      args: args.replace(/\s+/g, ' '),
      comment,
      roles: before?.roles ?? [],
      trigger: /returns trigger/i.test(head),
    })
  }
  const [, functions, roles] = /^grant execute on function ([\s\S]+)\s+to ([\w,\s]+)$/i.exec(text) ?? []
  if (!functions || !roles) return
  for (const called of splitList(functions).map((one) => /wall\.(\w+)/.exec(one)?.[1])) {
    const found = wall.definers.find((one) => one.name === called)
    if (found) found.roles = [...new Set([...found.roles, ...splitList(roles)])].sort()
  }
}
