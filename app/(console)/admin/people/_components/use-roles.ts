'use client'

import { useEffect, useState } from 'react'
import { api } from '@/app/_lib/api-client'
import type { AssignableRole } from '@/server/features/roles/roles.schema'

/**
 * The roles that can be given in a tenant.
 * @param tenantId of a subtenant; `master`; empty: none is chosen
 * @returns undefined until they are known
 */
export function useRoles(tenantId: string): AssignableRole[] | undefined {
  const [known, setKnown] = useState<{ tenantId: string; roles: AssignableRole[] } | null>(null)
  useEffect(() => {
    if (tenantId === '') return undefined
    const gone = new AbortController()
    const asked =
      tenantId === 'master'
        ? api().roles.assignable.query(undefined, { signal: gone.signal })
        : api().rolesIn.assignable.query({ tenantId }, { signal: gone.signal })
    asked.then(
      (roles) => setKnown({ tenantId, roles }),
      () => gone.signal.aborted || setKnown({ tenantId, roles: [] }),
    )
    return () => gone.abort()
  }, [tenantId])
  return known?.tenantId === tenantId ? known.roles : undefined
}
