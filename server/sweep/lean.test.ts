import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Level, PERMISSION_NAMES, PERMISSIONS, type Permission } from '@/lib/permissions'
import { resolvePermission } from '@/server/rpc/declaration'
import { actingIn } from '@/server/sweep/acting'
import { call } from '@/server/sweep/call'
import { procedures } from '@/server/sweep/declared'
import { prepare, VALID, validInput } from '@/server/sweep/inputs'
import { MORE } from '@/server/sweep/more-inputs'
import type { PersonName } from '@/test/actors'
import { ORGANIZATION_ROLE, tenantId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

// What a declaration asks for opens the door; what a procedure asks for behind it shows when somebody holds hardly more than that.
// UPDATE_GOLDEN=1 npx vitest run server/sweep/lean.test.ts accepts a change.

const GOLDEN = path.join(import.meta.dirname, 'lean.golden.txt')
const WIDTH = 46
type Levels = Partial<Record<Permission, Level>>

const READ = Object.fromEntries(PERMISSION_NAMES.map((name) => [name, 'read'])) as Levels
/** Who holds what beside the declared `permission` at `level`. */
const PEOPLE: Record<string, (permission: Permission, level: Level) => Levels> = {
  just: (permission, level) => ({ [permission]: level }),
  reads: (permission, level) => ({ ...READ, [permission]: level }),
  top: (permission) => ({ [permission]: PERMISSIONS[permission].levels.at(-1) }),
}
/** Each of the two tenants has somebody who gets the role in question, and nothing else. */
const LEAN: Record<'M' | 'A', PersonName> = { M: 'Sam', A: 'Nora' }

interface Call {
  title: string
  name: string
  tenant: 'M' | 'A'
  input: (actor: PersonName) => unknown
  before?: (world: World, actor: PersonName) => Promise<unknown>
}

describe('people who hold hardly more than what a procedure asks for', () => {
  let world: World
  beforeAll(async () => void (world = await createWorld()))
  afterAll(() => world.close())

  const { sql, giveOnly } = actingIn(() => world)
  const give = async ({ tenant }: Call, levels: Levels) => {
    await sql('update tenant set tenant_role_id = $1 where id = $2', [ORGANIZATION_ROLE, tenantId('A')])
    await giveOnly(LEAN[tenant], levels)
  }

  const ALL = procedures()
  const calls: Call[] = [
    ...ALL.map(({ name }): Call => ({
      title: name,
      name,
      tenant: VALID[name]?.by === 'Mara' ? 'M' : 'A',
      input: (actor) => validInput(world, name, actor),
      before: (at, actor) => prepare(at, name, actor),
    })),
    ...MORE.map(({ name, by, input, before }, i): Call => ({
      title: `${name} ${MORE.slice(0, i + 1).filter((one) => one.name === name).length + 1}`,
      name,
      tenant: by === 'Mara' ? 'M' : 'A',
      input: () => input,
      before,
    })),
  ].sort((a, b) => a.title.localeCompare(b.title))

  async function line(one: Call): Promise<string | null> {
    const p = ALL.find(({ name }) => name === one.name)
    if (!p?.declaration?.permission) return null
    const actor = LEAN[one.tenant]
    const cells: string[] = []
    for (const levels of Object.values(PEOPLE)) {
      const input = await one.input(actor)
      const { permission } = resolvePermission(p.declaration, (input as { kind?: string } | undefined)?.kind)
      if (!permission) return null
      await give(one, levels(...permission))
      await one.before?.(world, actor)
      const { status } = await call(world, actor, p, await one.input(actor))
      cells.push(status === 200 ? 'ok' : String(status))
      await world.restore()
    }
    await world.admin.query('delete from rate_limit')
    return `${one.title.padEnd(WIDTH)}${cells.map((cell) => cell.padEnd(8)).join('')}`.trimEnd()
  }

  const found: string[] = []
  const nameIn = (text: string) => text.slice(0, WIDTH).trim()
  const header = `${'valid call by somebody who holds'.padEnd(WIDTH)}${Object.keys(PEOPLE)
    .map((name) => name.padEnd(8))
    .join('')}`.trimEnd()
  const update = process.env.UPDATE_GOLDEN === '1'
  const golden = () => fs.readFileSync(GOLDEN, 'utf8').trim().split('\n')

  it.each([...new Set(ALL.map(({ name }) => name.split('.')[0] ?? ''))])(
    'D01 get what is written down: %s',
    async (router) => {
      const lines: string[] = []
      for (const one of calls.filter(({ name }) => name.startsWith(`${router}.`))) {
        const text = await line(one)
        if (text !== null) lines.push(text)
      }
      found.push(...lines)
      const names = new Set(lines.map(nameIn))
      if (!update) expect(lines).toEqual(golden().filter((text) => names.has(nameIn(text))))
    },
    60_000,
  )

  afterAll(() => {
    if (update) fs.writeFileSync(GOLDEN, `${[header, ...found].join('\n')}\n`)
  })
})
