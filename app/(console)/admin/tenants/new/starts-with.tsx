'use client'

import { useEffect, useState } from 'react'
import { api } from '@/app/_lib/api-client'

/** What a tenant with this tenant role has from the start: the public clouds that the role grants, and a group for each (PRODUCT rule 5). */
export function StartsWith({ tenantRoleId }: { tenantRoleId: string }) {
  const [found, setFound] = useState<{ of: string; names: string[] } | null>(null)
  useEffect(() => {
    if (tenantRoleId === '') return
    const controller = new AbortController()
    api()
      .clouds.startsWith.query({ tenantRoleId }, { signal: controller.signal })
      .then(
        ({ rows }) =>
          setFound({
            of: tenantRoleId,
            names: rows.map(({ name, level }) => (level === 'read' ? `${name} (look only)` : name)),
          }),
        // It is only a hint: the form works without it.
        () => undefined,
      )
    return () => controller.abort()
  }, [tenantRoleId])
  if (found?.of !== tenantRoleId) return null
  return (
    <p role="status" className="text-sm text-muted">
      {found.names.length === 0
        ? 'Starts with no cloud: this base role grants no public one.'
        : `Starts with: ${found.names.join(', ')}, and a group for each.`}
    </p>
  )
}
