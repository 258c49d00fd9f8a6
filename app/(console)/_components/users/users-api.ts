'use client'

import { api, postApi } from '@/app/_lib/api-client'

interface Person {
  firstName: string
  lastName: string
  username: string
  email: string
}
interface Assignment {
  roleId: string
  scope: string
  expiresAt: string | null
}
interface Assignments {
  id: string
  assignments: Assignment[]
}
interface NewUser {
  firstName: string
  lastName: string
  username: string
  assignments: Assignment[]
}
interface Guest {
  userId: string
  assignments: Assignment[]
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
      create: (input: Person & Password & { assignments: Assignment[] }) => users.create.mutate(input),
      update: (input: Person & { id: string }) => users.update.mutate(input),
      setAssignments: (input: Assignments) => users.setAssignments.mutate(input),
      previewAssignments: (input: Assignments, signal?: AbortSignal) =>
        postApi().users.previewAssignments.query(input, { signal }),
      previewCreate: (input: NewUser, signal?: AbortSignal) =>
        postApi().users.previewCreate.query(input, { signal }),
      setPassword: (input: Password & { id: string }) => users.setPassword.mutate(input),
      disable: (id: string) => users.disable.mutate({ id }),
      enable: (id: string) => users.enable.mutate({ id }),
      delete: (id: string) => users.delete.mutate({ id }),
      endSessions: (id: string) => users.endSessions.mutate({ id }),
      elsewhere: (search: string, signal?: AbortSignal) => users.elsewhere.query({ search }, { signal }),
      addGuest: (input: Guest) => users.addGuest.mutate(input),
      previewGuest: (input: Guest, signal?: AbortSignal) =>
        postApi().users.previewGuest.query(input, { signal }),
      remove: (id: string) => users.removeGuest.mutate({ id }),
    }
  }
  const { tenantUsers } = api()
  return {
    create: (input: Person & Password & { assignments: Assignment[] }) =>
      tenantUsers.create.mutate({ tenantId, ...input }),
    update: (input: Person & { id: string }) => tenantUsers.update.mutate({ tenantId, ...input }),
    setAssignments: (input: Assignments) => tenantUsers.setAssignments.mutate({ tenantId, ...input }),
    previewAssignments: (input: Assignments, signal?: AbortSignal) =>
      postApi().tenantUsers.previewAssignments.query({ tenantId, ...input }, { signal }),
    previewCreate: (input: NewUser, signal?: AbortSignal) =>
      postApi().tenantUsers.previewCreate.query({ tenantId, ...input }, { signal }),
    setPassword: (input: Password & { id: string }) => tenantUsers.setPassword.mutate({ tenantId, ...input }),
    disable: (id: string) => tenantUsers.disable.mutate({ tenantId, id }),
    enable: (id: string) => tenantUsers.enable.mutate({ tenantId, id }),
    delete: (id: string) => tenantUsers.delete.mutate({ tenantId, id }),
    endSessions: (id: string) => tenantUsers.endSessions.mutate({ tenantId, id }),
    elsewhere: (search: string, signal?: AbortSignal) =>
      tenantUsers.elsewhere.query({ tenantId, search }, { signal }),
    addGuest: (input: Guest) => tenantUsers.addGuest.mutate({ tenantId, ...input }),
    previewGuest: (input: Guest, signal?: AbortSignal) =>
      postApi().tenantUsers.previewGuest.query({ tenantId, ...input }, { signal }),
    remove: (id: string) => tenantUsers.removeGuest.mutate({ tenantId, id }),
  }
}
