'use client'

import { api } from '@/app/_lib/api-client'

interface Person {
  firstName: string
  lastName: string
  username: string
  email: string
}
interface Password {
  password?: string
  passwordConfirm?: string
}

/**
 * The procedures for users of the acting tenant, or as its provider for those of a subtenant.
 * @param tenantId of the subtenant
 */
export function usersApi(tenantId?: string) {
  if (tenantId === undefined) {
    const { users } = api()
    return {
      create: (input: Person & Password & { roleIds: string[] }) => users.create.mutate(input),
      update: (input: Person & { id: string }) => users.update.mutate(input),
      setRoles: (input: { id: string; roleIds: string[] }) => users.setRoles.mutate(input),
      setPassword: (input: Password & { id: string }) => users.setPassword.mutate(input),
      disable: (id: string) => users.disable.mutate({ id }),
      enable: (id: string) => users.enable.mutate({ id }),
      delete: (id: string) => users.delete.mutate({ id }),
      endSessions: (id: string) => users.endSessions.mutate({ id }),
    }
  }
  const { tenantUsers } = api()
  return {
    create: (input: Person & Password & { roleIds: string[] }) =>
      tenantUsers.create.mutate({ tenantId, ...input }),
    update: (input: Person & { id: string }) => tenantUsers.update.mutate({ tenantId, ...input }),
    setRoles: (input: { id: string; roleIds: string[] }) =>
      tenantUsers.setRoles.mutate({ tenantId, ...input }),
    setPassword: (input: Password & { id: string }) => tenantUsers.setPassword.mutate({ tenantId, ...input }),
    disable: (id: string) => tenantUsers.disable.mutate({ tenantId, id }),
    enable: (id: string) => tenantUsers.enable.mutate({ tenantId, id }),
    delete: (id: string) => tenantUsers.delete.mutate({ tenantId, id }),
    endSessions: (id: string) => tenantUsers.endSessions.mutate({ tenantId, id }),
  }
}
