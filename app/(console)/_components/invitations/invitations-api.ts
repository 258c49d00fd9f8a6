'use client'

import { api } from '@/app/_lib/api-client'
import type { InviteLine } from '@/lib/invite-lines'

interface Invite {
  lines: InviteLine[]
  roleId?: string
}

/** The procedures for invitations into the acting tenant, or as its provider into a subtenant. @param tenantId of the subtenant */
export function invitationsApi(tenantId?: string) {
  const { invitations: own, tenantInvitations: of } = api()
  if (tenantId === undefined) {
    return {
      create: (input: Invite) => own.create.mutate(input),
      resend: (id: string) => own.resend.mutate({ id }),
      revoke: (id: string) => own.revoke.mutate({ id }),
      setRole: (id: string, roleId?: string) => own.setRole.mutate({ id, roleId }),
      setDefaultRole: (roleId: string) => own.setDefaultRole.mutate({ roleId }),
    }
  }
  return {
    create: (input: Invite) => of.create.mutate({ tenantId, ...input }),
    resend: (id: string) => of.resend.mutate({ tenantId, id }),
    revoke: (id: string) => of.revoke.mutate({ tenantId, id }),
    setRole: (id: string, roleId?: string) => of.setRole.mutate({ tenantId, id, roleId }),
    setDefaultRole: (roleId: string) => of.setDefaultRole.mutate({ tenantId, roleId }),
  }
}
