import type { Declaration } from '@/server/rpc/declaration'
import { procedure, router } from '@/server/rpc/procedure'
import * as schema from './roles.schema'
import { ownRoles, providedRoles } from './roles.scope'
import * as service from './roles.service'
import * as transfer from './roles.transfer.service'
import * as write from './roles.write.service'

type Told = Pick<Declaration, 'summary'> & Partial<Omit<Declaration, 'scope'>>
const reads = (d: Told) => procedure({ scope: 'tenant', permission: ['roles', 'read'], audit: 'none', ...d })
const manages = (d: Told) =>
  procedure({ scope: 'tenant', permission: ['roles', 'full'], audit: 'none', ...d })
const id = { id: 'role' } as const
const content = schema.ACCESS_IDS

/** The roles of the acting tenant. */
export const rolesRouter = router({
  assignable: reads({ permission: ['users', 'read'], summary: 'Roles that users of the tenant can have' })
    .output(schema.assignableRoles)
    .query(({ ctx }) => service.assignableRoles(ctx.op)),
  list: reads({ summary: 'Roles of the tenant and how many hold them' })
    .output(schema.roleList)
    .query(({ ctx }) => service.listRoles(ownRoles(ctx.op))),
  get: reads({ ids: id, summary: 'One role: what it allows, who holds it' })
    .input(schema.roleId)
    .output(schema.roleDetail)
    .query(({ ctx, input }) => service.getRole(ownRoles(ctx.op), input.id)),
  limits: reads({ summary: 'The most that a role made here can allow' })
    .input(schema.limitsInput)
    .output(schema.roleLimits)
    .query(({ ctx, input }) => service.limitsOf(ownRoles(ctx.op), input.multiTenant)),
  choices: procedure({
    scope: 'self',
    audit: 'none',
    summary: 'Groups and tags that a role or its assignment can name',
  })
    .input(schema.choiceInput)
    .output(schema.choices)
    .query(({ ctx, input }) => service.choicesOf(ctx.op, input)),
  search: reads({ summary: 'Roles of the tenant by a part of their name' })
    .input(schema.searchInput)
    .output(schema.foundRoles)
    .query(({ ctx, input }) => service.searchRoles(ctx.op, input.search)),
  diff: reads({ ids: id, summary: 'What a role that was edited here says otherwise than the provider’s' })
    .input(schema.roleId)
    .output(schema.difference)
    .query(({ ctx, input }) => service.diffRole(ownRoles(ctx.op), input.id)),
  create: manages({
    audit: 'role.create',
    ids: { baseRoleId: 'role', ...content },
    summary: 'Create a role, from nothing or from another one',
  })
    .input(schema.createRole)
    .output(schema.roleRef)
    .mutation(({ ctx, input }) => write.createRole(ownRoles(ctx.op), input)),
  preview: manages({
    ids: { ...id, ...content },
    summary: 'Who would gain and who would lose what by changing a role',
  })
    .input(schema.previewRole)
    .output(schema.effects)
    .query(({ ctx, input }) => write.previewRole(ownRoles(ctx.op), input)),
  update: manages({
    audit: 'role.update',
    ids: { ...id, ...content },
    summary: 'Change a role; one of the provider’s becomes the tenant’s own by it',
  })
    .input(schema.updateRole)
    .output(schema.roleRef)
    .mutation(({ ctx, input }) => write.updateRole(ownRoles(ctx.op), input)),
  delete: manages({ audit: 'role.delete', ids: id, summary: 'Delete a role that nobody holds' })
    .input(schema.roleId)
    .output(schema.roleRef)
    .mutation(({ ctx, input }) => write.deleteRole(ownRoles(ctx.op), input.id)),
  previewRelink: manages({ ids: id, summary: 'Who would gain and who would lose what by relinking a role' })
    .input(schema.roleId)
    .output(schema.effects)
    .query(({ ctx, input }) => write.previewRelink(ownRoles(ctx.op), input.id)),
  relink: manages({ audit: 'role.relink', ids: id, summary: 'Link an edited role to the provider’s again' })
    .input(schema.roleId)
    .output(schema.roleRef)
    .mutation(({ ctx, input }) => write.relinkRole(ownRoles(ctx.op), input.id)),
  lock: procedure({
    scope: 'master',
    permission: ['roles', 'full'],
    licence: 'use',
    audit: 'role.lock',
    ids: id,
    summary: 'Lock a multi-tenant role, so that no subtenant edits it, or unlock it',
  })
    .input(schema.lockRole)
    .output(schema.roleRef)
    .mutation(({ ctx, input }) => write.lockRole(ownRoles(ctx.op), input.id, input.locked)),
  planImport: manages({ summary: 'What importing a file of roles would do' })
    .input(schema.importText)
    .output(schema.importResult)
    .query(({ ctx, input }) => transfer.planImport(ctx.op, input.text)),
  import: manages({ audit: 'role.import', summary: 'Make all roles of a file, or none' })
    .input(schema.importText)
    .output(schema.importResult)
    .mutation(({ ctx, input }) => transfer.importRoles(ctx.op, input.text)),
})

const ofTenant = (d: Told) =>
  procedure({ scope: 'master', licence: 'use', permission: ['tenantUsers', 'read'], audit: 'none', ...d })
const managesOf = (d: Told) =>
  procedure({ scope: 'master', licence: 'use', permission: ['tenantUsers', 'full'], audit: 'none', ...d })
const tenant = { tenantId: 'tenant' } as const

/** The roles of a subtenant, as its provider. */
export const tenantsRolesRouter = router({
  assignable: ofTenant({ ids: tenant, summary: 'Roles that users of a subtenant can have' })
    .input(schema.tenantInput)
    .output(schema.assignableRoles)
    .query(({ ctx, input }) => service.assignableRolesIn(ctx.op, input.tenantId)),
  list: ofTenant({ ids: tenant, summary: 'Roles of a subtenant and how many hold them' })
    .input(schema.tenantInput)
    .output(schema.roleList)
    .query(async ({ ctx, input }) => service.listRoles(await providedRoles(ctx.op, input.tenantId))),
  get: ofTenant({ ids: { ...tenant, ...id }, summary: 'One role of a subtenant' })
    .input(schema.provided.roleId)
    .output(schema.roleDetail)
    .query(async ({ ctx, input }) => service.getRole(await providedRoles(ctx.op, input.tenantId), input.id)),
  limits: ofTenant({ ids: tenant, summary: 'The most that a role of a subtenant can allow' })
    .input(schema.tenantInput)
    .output(schema.roleLimits)
    .query(async ({ ctx, input }) => service.limitsOf(await providedRoles(ctx.op, input.tenantId), false)),
  choices: managesOf({
    ids: tenant,
    summary: 'Groups, tags and things of a subtenant that a role or its assignment can name',
  })
    .input(schema.provided.choiceInput)
    .output(schema.placeChoices)
    .query(({ ctx, input }) => service.choicesIn(ctx.op, input)),
  diff: ofTenant({ ids: { ...tenant, ...id }, summary: 'What a subtenant changed of a multi-tenant role' })
    .input(schema.provided.roleId)
    .output(schema.difference)
    .query(async ({ ctx, input }) => service.diffRole(await providedRoles(ctx.op, input.tenantId), input.id)),
  create: managesOf({
    audit: 'role.create',
    ids: { ...tenant, baseRoleId: 'role', ...content },
    summary: 'Create a role in a subtenant',
  })
    .input(schema.provided.createRole)
    .output(schema.roleRef)
    .mutation(async ({ ctx, input: { tenantId, ...input } }) =>
      write.createRole(await providedRoles(ctx.op, tenantId), { ...input, multiTenant: false }),
    ),
  preview: managesOf({
    ids: { ...tenant, ...id, ...content },
    summary: 'Who would gain and who would lose what by changing a role of a subtenant',
  })
    .input(schema.provided.previewRole)
    .output(schema.effects)
    .query(async ({ ctx, input: { tenantId, ...input } }) =>
      write.previewRole(await providedRoles(ctx.op, tenantId), input),
    ),
  update: managesOf({
    audit: 'role.update',
    ids: { ...tenant, ...id, ...content },
    summary: 'Change a role of a subtenant',
  })
    .input(schema.provided.updateRole)
    .output(schema.roleRef)
    .mutation(async ({ ctx, input: { tenantId, ...input } }) =>
      write.updateRole(await providedRoles(ctx.op, tenantId), input),
    ),
  delete: managesOf({
    audit: 'role.delete',
    ids: { ...tenant, ...id },
    summary: 'Delete a role of a subtenant that nobody holds',
  })
    .input(schema.provided.roleId)
    .output(schema.roleRef)
    .mutation(async ({ ctx, input }) =>
      write.deleteRole(await providedRoles(ctx.op, input.tenantId), input.id),
    ),
  previewRelink: managesOf({
    ids: { ...tenant, ...id },
    summary: 'Who would gain and who would lose what by relinking',
  })
    .input(schema.provided.roleId)
    .output(schema.effects)
    .query(async ({ ctx, input }) =>
      write.previewRelink(await providedRoles(ctx.op, input.tenantId), input.id),
    ),
  relink: managesOf({
    audit: 'role.relink',
    ids: { ...tenant, ...id },
    summary: 'Link a subtenant’s edited role to the template again',
  })
    .input(schema.provided.roleId)
    .output(schema.roleRef)
    .mutation(async ({ ctx, input }) =>
      write.relinkRole(await providedRoles(ctx.op, input.tenantId), input.id),
    ),
})
