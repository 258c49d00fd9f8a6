import {
  auditAllInput,
  auditListInput,
  auditListOutput,
  auditOfTenantInput,
  auditVerifyOutput,
} from '@/server/features/audit/audit.schema'
import { listAll, listOfTenant, listOwn, verifyOwn } from '@/server/features/audit/audit.service'
import { procedure, router } from '@/server/rpc/procedure'

export const auditRouter = router({
  list: procedure({
    scope: 'tenant',
    permission: ['audit', 'read'],
    audit: 'none',
    rest: { method: 'GET', path: '/api/v1/audit' },
    summary: "The acting tenant's audit log, newest first",
  })
    .input(auditListInput)
    .output(auditListOutput)
    .query(({ ctx, input }) => listOwn(ctx.op, input)),

  verify: procedure({
    scope: 'tenant',
    permission: ['audit', 'read'],
    audit: 'none',
    summary: "Checks the hash chain of the tenant's audit log",
  })
    .output(auditVerifyOutput)
    .query(({ ctx }) => verifyOwn(ctx.op)),

  all: procedure({
    scope: 'master',
    permission: ['audit', 'read'],
    audit: 'none',
    ids: { tenantId: 'tenant' },
    rest: { method: 'GET', path: '/api/v1/admin/audit' },
    summary: 'The audit logs of all tenants together, newest first',
  })
    .input(auditAllInput)
    .output(auditListOutput)
    .query(({ ctx, input: { tenantId, ...filters } }) => listAll(ctx.op, filters, tenantId)),

  ofTenant: procedure({
    scope: 'master',
    permission: ['audit', 'read'],
    licence: 'use',
    audit: 'none',
    ids: { tenantId: 'tenant' },
    summary: 'The audit log of one tenant, for the master',
  })
    .input(auditOfTenantInput)
    .output(auditListOutput)
    .query(({ ctx, input: { tenantId, ...filters } }) => listOfTenant(ctx.op, filters, tenantId)),
})
