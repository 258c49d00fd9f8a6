import { hostMovesRouter } from '@/server/features/host-moves/host-moves.router'
import { hostsRouter } from '@/server/features/hosts/hosts.router'
import { runTasks } from '@/server/features/tasks/tasks.jobs'
import { tasksRouter } from '@/server/features/tasks/tasks.router'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import type { PersonName, TenantKey } from '@/test/actors'
import { tenantId } from '@/test/factories'
import type { World } from '@/test/world'

const caller = createCallerFactory(
  router({ hostMoves: hostMovesRouter, tasks: tasksRouter, hosts: hostsRouter }),
)

/** What tests of migrations do again and again. */
export function movesOf(worldOf: () => World) {
  const as = async (who: PersonName) => caller({ op: await worldOf().opOf(who) })
  const sql = async <T extends object>(text: string, values: unknown[] = []) =>
    (await worldOf().admin.query<T>(text, values)).rows
  const task = (id: string) => as('Mara').then((api) => api.tasks.get({ id }))
  /** Migrates as Mara. @returns the id, and how the task ended */
  async function move(ids: string[], to: TenantKey) {
    const { taskId } = await (await as('Mara')).hostMoves.start({ ids, tenantId: tenantId(to) })
    await runTasks()
    return { id: taskId, task: await task(taskId) }
  }
  async function undo(id: string) {
    const { taskId } = await (await as('Mara')).hostMoves.undo({ id })
    await runTasks()
    return task(taskId)
  }
  /** Of a thing: owner, user, visibility, parent. */
  const placeOf = async (id: string) => {
    const [row] = await sql<{
      owner_id: string
      assigned_id: string
      visibility: string
      parent_id: string | null
    }>('select owner_id, assigned_id, visibility, parent_id from resource where id = $1', [id])
    return row
  }
  /** All that is of these things, wherever it is, as rows of text. */
  const hanging = (ids: string[]) =>
    sql<{ what: string }>(
      `select x.what from (
        select 'resource ' || id || owner_id || assigned_id || visibility || coalesce(parent_id::text, '') || coalesce(created_by::text, '') as what from resource where id = any ($1)
        union all select 'group ' || group_id || resource_id from resource_group_member where resource_id = any ($1)
        union all select 'tag ' || tenant_id || resource_id || tag from resource_tag where resource_id = any ($1)
        union all select 'grant ' || id || resource_id || owner_id || tenant_id || role || status || coalesce(expires_at::text, '') from access_grant where resource_id = any ($1)
        union all select 'link ' || resource_id || field || position || target_id from resource_link where resource_id = any ($1) or target_id = any ($1)
        union all select 'state ' || resource_id || status from resource_state where resource_id = any ($1)
        union all select 'agent ' || id || resource_id from agent_credential where resource_id = any ($1)
        union all select 'sample ' || resource_id || step || at from host_sample where resource_id = any ($1)) x order by 1`,
      [ids],
    ).then((rows) => rows.map(({ what }) => what))
  const logOf = (key: TenantKey, event: string) =>
    sql<{
      target_kind: string
      target_id: string
      target_name: string
      before: object | null
      after: { effects?: string[] }
    }>(
      `select target_kind, target_id, target_name, before, after from audit_event where tenant_id = $1 and event = $2 and request_id <> '' order by at, target_name`,
      [tenantId(key), event],
    )
  return { as, sql, move, undo, task, placeOf, hanging, logOf }
}
