import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { actingIn } from '@/server/sweep/acting'
import { ask } from '@/server/sweep/call'
import { unusedId } from '@/server/sweep/inputs'
import { agentsOf, machineFacts } from '@/test/agent'
import { idOf } from '@/test/canary'
import {
  agentToken,
  CUSTOMER_ROLE,
  enrolmentToken,
  ORGANIZATION_ROLE,
  resourceId,
  tenantId,
} from '@/test/factories'
import { whileUncommitted } from '@/test/held-lock'
import { createWorld, type World } from '@/test/world'

// Refusals that no other attack comes by, each with what is let through beside it. The hunt for mutants found them (npm run
// test:mutants): with the policies off nothing but the guard that is meant stands in the way.

describe('refusals that only one guard makes: things and who has them', () => {
  let world: World
  beforeAll(async () => void (world = await createWorld()))
  afterAll(() => world.close())
  beforeEach(() => world.restore())

  const { run, sql, status } = actingIn(() => world)

  describe('shares', () => {
    const granted = { id: idOf('grant granted A'), role: 'editor' }
    const close = (key: 'A' | 'B') =>
      sql(`update tenant set status = 'disabled' where id = $1`, [tenantId(key)])

    it('a share that waits, rests or is over shows nothing', async () => {
      const seen = async () => ({
        got: await status('Ada', 'hosts.get', { id: resourceId('granted A') }),
        listed: (await run('Ada', 'hosts.list', {})).text.includes(resourceId('granted A')),
      })
      expect(await seen()).toEqual({ got: 200, listed: true })
      for (const change of [
        `status = 'pending'`,
        `status = 'suspended'`,
        `expires_at = now() - interval '1 second'`,
      ]) {
        await sql(`update access_grant set ${change} where id = $1`, [granted.id])
        expect([change, await seen()]).toEqual([change, { got: 404, listed: false }])
        await world.restore()
      }
      await sql(`update access_grant set expires_at = now() + interval '1 hour' where id = $1`, [granted.id])
      expect(await seen()).toEqual({ got: 200, listed: true })
    })

    it('an offer is declined, not taken back, by whom it was made to', async () => {
      const id = idOf('grant B web')
      expect(await status('Ada', 'grants.revoke', { ids: [id] })).toBe(403)
      expect(await status('Bolt Ada', 'grants.revoke', { ids: [id] })).toBe(200)
    })

    it('nothing is shared with a tenant that is disabled, nor is what it has made more', async () => {
      expect(await status('Mara', 'grants.target', { tenantId: tenantId('B') })).toBe(200)
      for (const key of ['C', 'E'] as const)
        expect(await status('Mara', 'grants.target', { tenantId: tenantId(key) })).toBe(404)
      await close('A')
      const role = async () => (await sql('select role from access_grant where id = $1', [granted.id])).rows
      expect(await status('Mara', 'grants.update', granted)).toBe(404)
      expect(await role()).toEqual([{ role: 'viewer' }])
      await world.restore()
      expect(await status('Mara', 'grants.update', granted)).toBe(200)
      expect(await role()).toEqual([{ role: 'editor' }])
    })
  })

  describe('the matrix', () => {
    const cell = (tenant: string) => ({
      cells: [{ resourceId: resourceId('master private'), tenantId: tenant, from: 'none', to: 'sees' }],
      rows: [],
    })

    it('a tenant that never was has no cell', async () => {
      for (const name of ['matrix.preview', 'matrix.change']) {
        expect([name, await status('Mara', name, cell(unusedId()))]).toEqual([name, 404])
        expect([name, await status('Mara', name, cell(tenantId('A')))]).toEqual([name, 200])
      }
    })

    it('a change that never was is not undone', async () => {
      const { data } = await run('Mara', 'matrix.change', cell(tenantId('A')))
      for (const name of ['matrix.undoPreview', 'matrix.undo']) {
        expect([name, await status('Mara', name, { id: unusedId() })]).toEqual([name, 404])
        expect([name, await status('Mara', name, { id: (data as { id: string }).id })]).toEqual([name, 200])
      }
    })
  })

  describe('clouds', () => {
    it('a tenant role that never was starts nobody with anything', async () => {
      expect(await status('Mara', 'clouds.startsWith', { tenantRoleId: unusedId() })).toBe(404)
      expect(await status('Mara', 'clouds.startsWith', { tenantRoleId: CUSTOMER_ROLE })).toBe(200)
    })

    it('a cloud added again is in the group that it was in, which roles may reach it by', async () => {
      const cloud = { id: resourceId('public cloud') }
      await sql('delete from tenant_cloud where cloud_id = $1', [cloud.id])
      // Bolt's of the same name is none of Acme's
      await sql(
        `with g as (insert into resource_group (tenant_id, name) select $1, name from resource where id = $2 returning id)
        insert into resource_group_member (tenant_id, group_id, resource_id) select $1, id, $2 from g`,
        [tenantId('B'), cloud.id],
      )
      const add = async () => ((await run('Ada', 'clouds.add', cloud)).data as { group: unknown }).group
      const group = await add()
      expect(await status('Ada', 'clouds.removeAdded', cloud)).toBe(200)
      expect(await add()).toEqual(group)
    })

    it('a cloud that is not offered any more is not there to be taken off the list', async () => {
      const cloud = { id: resourceId('second public cloud') }
      expect(await status('Bolt Ada', 'clouds.removeAdded', cloud)).toBe(404)
      await sql(`update tenant_role set default_cloud_level = 'read' where id = $1`, [ORGANIZATION_ROLE])
      expect(await status('Bolt Ada', 'clouds.removeAdded', cloud)).toBe(200)
    })

    it('a cloud that goes while it is taken off the list is not there any more', async () => {
      const cloud = { id: resourceId('public cloud') }
      const { waited, done } = await whileUncommitted(
        world,
        () => sql('delete from tenant_cloud where cloud_id = $1', [cloud.id]),
        () => status('Ada', 'clouds.removeAdded', cloud),
      )
      expect([waited, await done]).toEqual([true, 404])
      await world.restore()
      expect(await status('Ada', 'clouds.removeAdded', cloud)).toBe(200)
    })
  })

  describe('boot addresses', () => {
    const boot = (label: string) => ({ id: resourceId(label) })
    const open = async (url: string) => {
      const { pathname, search } = new URL(url)
      return (await ask(world, 'Ada', pathname + search, {}, { cookie: null })).status
    }

    it('an address that was not signed here opens nothing', async () => {
      const { url } = (await run('Ada', 'boot.address', boot('A boot'))).data as { url: string }
      expect(await open(url)).toBe(200)
      const forged = url.replace(/sig=[0-9a-f]+/, `sig=${'0'.repeat(64)}`)
      expect(await open(forged)).toBe(404)
      expect(await open(url.replace(/exp=\d+/, 'exp=9999999999'))).toBe(404)
      expect(await open(url.replace(resourceId('A boot'), 'nothing'))).toBe(404)
      expect(await open(url.replace(/\?.*/, ''))).toBe(404)
      await sql('delete from resource where id = $1', [resourceId('A boot')])
      expect(await open(url)).toBe(404)
    })

    it('an environment that is assigned away is not its owner’s to boot', async () => {
      expect(await status('Mara', 'boot.address', boot('M boot'))).toBe(200)
      await sql('update resource set assigned_id = $1 where id = $2', [tenantId('A'), resourceId('M boot')])
      expect(await status('Mara', 'boot.address', boot('M boot'))).toBe(403)
    })

    it('a machine that is only shared with the tenant is not its to boot', async () => {
      const machine = idOf('shared machine')
      await sql(`update resource set visibility = 'public' where id = $1`, [resourceId('M boot')])
      await sql(
        `insert into resource (id, kind, name, owner_id, assigned_id) values ($1, 'bare_metal', 'node-1', $2, $2)`,
        [machine, tenantId('M')],
      )
      await sql(
        `insert into resource_link (resource_id, field, target_id) values ($1, 'bootEnvironment', $2)`,
        [machine, resourceId('M boot')],
      )
      await sql(
        `insert into access_grant (resource_id, kind, name, owner_id, tenant_id, role) values ($1, '', '', $2, $3, 'admin')`,
        [machine, tenantId('M'), tenantId('A')],
      )
      const asked = { ...boot('M boot'), machineId: machine }
      expect(await status('Ada', 'boot.address', asked)).toBe(403)
      await sql('update resource set assigned_id = $1 where id = $2', [tenantId('A'), machine])
      expect(await status('Ada', 'boot.address', asked)).toBe(200)
    })
  })

  describe('agents', () => {
    it('enrol nowhere while multi-tenancy is off or has no licence, and say which', async () => {
      const { post } = agentsOf(world)
      const enrol = async (token: string) => (await post('enrol', token, machineFacts())).status
      expect(await enrol(enrolmentToken('A', 1))).toBe(201)
      await sql('delete from licence')
      expect(await enrol(enrolmentToken('A', 1))).toBe(402)
      await sql('update installation set multi_tenant_enabled = false')
      expect(await enrol(enrolmentToken('A', 1))).toBe(501)
      expect(await enrol(enrolmentToken('M', 1))).toBe(201)
    })

    it('say goodbye with their own credential only', async () => {
      const { post } = agentsOf(world)
      expect((await post('goodbye', agentToken('of nobody'), {})).status).toBe(401)
      expect((await post('goodbye', agentToken('A web'), {})).status).toBe(200)
    })
  })
})
