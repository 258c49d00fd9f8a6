import { procedure, router } from '@/server/rpc/procedure'
import * as schema from './people.schema'
import * as level from './people.level.service'
import * as service from './people.service'

/** Everybody of all tenants, for the master. */
export const peopleRouter = router({
  list: procedure({
    scope: 'master',
    licence: 'use',
    permission: ['tenantUsers', 'read'],
    audit: 'none',
    ids: { tenantId: 'tenant' },
    summary: 'All people of all tenants',
  })
    .input(schema.listPeople)
    .output(schema.peoplePage)
    .query(({ ctx, input }) => service.listPeople(ctx.op, input)),
  get: procedure({
    scope: 'master',
    licence: 'use',
    permission: ['tenantUsers', 'read'],
    audit: 'none',
    ids: { id: 'user' },
    summary: 'One person, with the tenants they are a member of and their roles in each',
  })
    .input(schema.personId)
    .output(schema.personDetail)
    .query(({ ctx, input }) => service.getPerson(ctx.op, input.id)),
  tenants: procedure({
    scope: 'master',
    licence: 'use',
    permission: ['tenantUsers', 'read'],
    audit: 'none',
    summary: 'Active subtenants, to narrow the list by or to add somebody to',
  })
    .input(schema.searchTenants)
    .output(schema.tenantRows)
    .query(({ ctx, input }) => service.listTenants(ctx.op, input.search)),
  tenant: procedure({
    scope: 'master',
    licence: 'use',
    permission: ['tenantUsers', 'read'],
    audit: 'none',
    ids: { id: 'tenant' },
    summary: 'The tenant that the list of people is narrowed to',
  })
    .input(schema.tenantId)
    .output(schema.tenantName)
    .query(({ ctx, input }) => service.getTenant(ctx.op, input.id)),
  setLevel: procedure({
    scope: 'master',
    licence: 'use',
    permission: ['tenantUsers', 'full'],
    audit: 'user.level',
    ids: { id: 'user', tenantId: 'tenant', roleIds: 'role' },
    summary: 'Change whether somebody is a parent-level, master-only or tenant-level user',
  })
    .input(schema.setLevel)
    .output(schema.levelAnswer)
    .mutation(({ ctx, input }) => level.setLevel(ctx.op, input)),
})
