import { type Answer, call } from '@/server/sweep/call'
import { procedureOf } from '@/server/sweep/declared'
import { type PersonName, personOf } from '@/test/actors'
import { idOf } from '@/test/canary'
import { tenantId, userId } from '@/test/factories'
import type { World } from '@/test/world'

interface Held {
  access?: object
  scope?: string
  /** What it is called; another name leaves a role that was given before. */
  role?: string
}

/** What attacks do over and over: call as somebody, change what is there beside the wall, give somebody a role. */
export function actingIn(world: () => World) {
  const sql = (text: string, values: unknown[] = []) => world().admin.query(text, values)
  const run = (actor: PersonName, name: string, input?: unknown): Promise<Answer> =>
    call(world(), actor, procedureOf(name), input)
  const status = async (actor: PersonName, name: string, input?: unknown): Promise<number> =>
    (await run(actor, name, input)).status

  /** Gives a role of exactly this, or makes the one that was given be this. @returns its id */
  async function give(who: PersonName, levels: object, { access, scope, role = 'Given' }: Held = {}) {
    const tenant = tenantId(personOf(who).tenant)
    const id = idOf(`${who} holds ${role}`)
    await sql(
      `insert into user_role (id, tenant_id, name, levels, access) values ($1, $2, $3, $4, $5)
      on conflict (id) do update set levels = excluded.levels, access = excluded.access`,
      [id, tenant, role, JSON.stringify(levels), JSON.stringify(access ?? {})],
    )
    await sql(
      'insert into role_assignment (tenant_id, user_id, role_id, scope) values ($1, $2, $3, $4) on conflict do nothing',
      [tenant, userId(who), id, scope ?? ''],
    )
    return id
  }
  /** As `give`, and the person holds nothing else. */
  async function giveOnly(who: PersonName, levels: object, held: Held = {}) {
    await sql('delete from role_assignment where user_id = $1', [userId(who)])
    return give(who, levels, held)
  }
  return { sql, run, status, give, giveOnly }
}
