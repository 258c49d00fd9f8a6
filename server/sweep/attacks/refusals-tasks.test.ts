import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { runTasks } from '@/server/features/tasks/tasks.jobs'
import { idOf } from '@/test/canary'
import { resourceId, tenantId, userId } from '@/test/factories'
import { createWorld, type World } from '@/test/world'

// A task runs as who asked for it, with the rights that they have then.

describe('what a task refuses', () => {
  let world: World
  beforeAll(async () => void (world = await createWorld()))
  afterAll(() => world.close())
  beforeEach(() => world.restore())

  const id = idOf('waiting task')
  const GONE = 'Whoever asked for it may not do this any more'

  /** Runs Mara's waiting task of this kind. @returns how it ended, in its row and in the log */
  async function runOne(kind = 'cloud.assign') {
    await world.admin.query(
      `insert into background_task (id, tenant_id, kind, title, input, created_by) values ($1, $2, $3, 'x', $4, $5)`,
      [
        id,
        tenantId('M'),
        kind,
        JSON.stringify({ ids: [resourceId('second public cloud')], tenantId: tenantId('N') }),
        userId('Mara'),
      ],
    )
    expect(await runTasks()).toBe(1)
    const task = await world.admin.query('select status, error from background_task where id = $1', [id])
    const log = await world.admin.query('select result from audit_event where target_id = $1', [id])
    const cloud = await world.admin.query('select assigned_id from resource where id = $1', [
      resourceId('second public cloud'),
    ])
    return { ...task.rows[0], told: log.rows[0]?.result, moved: cloud.rows[0].assigned_id === tenantId('N') }
  }
  const denied = (error: unknown) => ({ status: 'failed', error, told: 'denied', moved: false })

  it('does the work of who may do it (positive twin)', async () => {
    expect(await runOne()).toMatchObject({ status: 'done', error: '', moved: true })
  })

  it('none of a kind that is none', async () => {
    expect(await runOne('no.such')).toEqual(denied('This version does not know such a task'))
  })

  it.each([
    ['is disabled', `update user_account set status = 'disabled' where id = $1`],
    ['is gone', 'delete from user_account where id = $1'],
    ['is no member any more', 'delete from membership where user_id = $1'],
  ])('none for somebody who %s', async (_what, take) => {
    await world.admin.query(take, [userId('Mara')])
    expect(await runOne()).toEqual(denied(GONE))
  })

  it('none for somebody whose roles are gone: that is a denial, and not a thing that is not found', async () => {
    await world.admin.query('delete from role_assignment where user_id = $1', [userId('Mara')])
    expect(await runOne()).toEqual(denied(expect.stringMatching(/may not|not allowed|permission/i)))
  })
})
