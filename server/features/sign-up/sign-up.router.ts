import type { Declaration } from '@/server/rpc/declaration'
import { procedure, router } from '@/server/rpc/procedure'
import * as service from './sign-up.admin.service'
import * as schema from './sign-up.schema'

type Told = Pick<Declaration, 'summary'> & Partial<Omit<Declaration, 'scope'>>
const reads = (d: Told) =>
  procedure({ scope: 'master', licence: 'use', permission: ['tenants', 'read'], audit: 'none', ...d })
const manages = (d: Told) =>
  procedure({ scope: 'master', licence: 'use', permission: ['tenants', 'full'], audit: 'none', ...d })
const id = { id: 'signUp' } as const

/** How people sign up, and who did; the master's. What visitors do are routes (sign-up.routes.ts). */
export const signUpRouter = router({
  policy: reads({ summary: 'How people sign up' })
    .output(schema.policyState)
    .query(({ ctx }) => service.signUpPolicy(ctx.op)),
  setPolicy: manages({
    audit: 'sign_up.policy',
    ids: { tenantRoleId: 'tenantRole' },
    summary: 'Say whether and how people make tenants themselves',
  })
    .input(schema.setPolicyInput)
    .output(schema.policyState)
    .mutation(({ ctx, input }) => service.setSignUpPolicy(ctx.op, input)),
  list: reads({ summary: 'Who signed up lately' })
    .input(schema.listSignUps)
    .output(schema.signUpPage)
    .query(({ ctx, input }) => service.listSignUps(ctx.op, input)),
  approve: manages({
    licence: 'grow',
    audit: 'sign_up.approve',
    ids: id,
    summary: 'Let somebody who waits make their organization',
  })
    .input(schema.signUpId)
    .output(schema.signUpRef)
    .mutation(({ ctx, input }) => service.approveSignUp(ctx.op, input.id)),
  decline: manages({ audit: 'sign_up.decline', ids: id, summary: 'Decline somebody who waits' })
    .input(schema.declineInput)
    .output(schema.signUpRef)
    .mutation(({ ctx, input }) => service.declineSignUp(ctx.op, input.id, input.reason)),
})
