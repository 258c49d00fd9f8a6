import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tenantId } from '@/test/factories'
import { type WallSql, wallSql } from '@/test/wall-sql'
import { createWorld, type World } from '@/test/world'
import { FAILED_MAIL, KEPT_MAIL } from '@/test/plant-mail'

// Mail is put in by those whose it is, and read by the master alone: what it says lets its reader in.

describe('the queue of mail', () => {
  let world: World
  let wall: WallSql
  beforeAll(async () => {
    world = await createWorld()
    wall = wallSql(world)
  })
  afterAll(async () => {
    await wall.close()
    await world.close()
  })

  const insert = (status = ''): [string, unknown[]] => [
    `insert into mail_message (id, tenant_id, kind, to_address, subject, body${status && ', status'})
     values ($1, $2, 'notice', 'a@b.example', 'x', 'x'${status && `, '${status}'`})`,
    [randomUUID(), tenantId('A')],
  ]

  it('K02 a tenant puts mail in and reads none, not even its own', async () => {
    const acme = wall.sign('A')
    expect((await wall.as('tenant', acme, insert())).rowCount).toBe(1)
    for (const what of ['body', 'subject', 'id', 'count(*)'])
      await expect(wall.as('tenant', acme, `select ${what} from mail_message`)).rejects.toMatchObject({
        code: '42501',
      })
    await expect(wall.as('tenant', acme, insert('kept'))).rejects.toMatchObject({ code: '42501' })
    await expect(wall.as('tenant', wall.sign('B'), insert())).rejects.toMatchObject({ code: '42501' })
    await expect(wall.as('tenant', null, insert())).rejects.toMatchObject({ code: '42501' })
  })

  it('K02 the master reads it and tries failed mail again; no one else does', async () => {
    const retry = (id: string) => `select wall.mail_retry('${id}') as done`
    const master = wall.sign('M')
    expect((await wall.as('master', master, 'select id from mail_message')).rowCount).toBe(2)
    expect((await wall.as('master', master, retry(FAILED_MAIL))).rows).toEqual([{ done: true }])
    expect((await wall.as('master', master, retry(KEPT_MAIL))).rows).toEqual([{ done: false }])
    expect((await wall.as('master', wall.sign('A'), retry(FAILED_MAIL))).rows).toEqual([{ done: false }])
    await expect(wall.as('tenant', master, retry(FAILED_MAIL))).rejects.toMatchObject({ code: '42501' })
    const gone = wall.as('master', master, `update mail_message set body = null where status = 'failed'`)
    await expect(gone).rejects.toMatchObject({ code: '42501' })
  })

  it('K02 no address or subject begins another header', async () => {
    for (const change of [
      `to_address = 'a@b.example, c@d.example'`,
      `to_address = E'a@b\\nBcc: c@d'`,
      `subject = E'x\\r\\nBcc: c@d'`,
    ])
      await expect(world.admin.query(`update mail_message set ${change}`)).rejects.toMatchObject({
        code: '23514',
      })
  })
})
