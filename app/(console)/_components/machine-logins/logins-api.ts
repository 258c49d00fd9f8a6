'use client'

import { api } from '@/app/_lib/api-client'
import type { SetMachineLogin, System } from '@/server/features/machine-logins/machine-logins.schema'

/** The procedures for one's own logins, or for somebody's. */
export function loginsApi(userId: string | null) {
  const { machineLogins } = api()
  return userId === null
    ? {
        set: (login: SetMachineLogin) => machineLogins.setMine.mutate(login),
        clear: (system: System) => machineLogins.clearMine.mutate({ system }),
      }
    : {
        set: (login: SetMachineLogin) => machineLogins.setOfUser.mutate({ ...login, id: userId }),
        clear: (system: System) => machineLogins.clearOfUser.mutate({ system, id: userId }),
      }
}
