'use client'

import { FolderSync, Plus } from 'lucide-react'
import { useState } from 'react'
import { ConnectionForm } from '@/app/(console)/settings/identity/connection-form'
import { ConnectionItem } from '@/app/(console)/settings/identity/connection-item'
import { type Made, TokenReveal } from '@/app/(console)/settings/identity/token-reveal'
import type { ConnectionList } from '@/server/features/provisioning/provisioning.schema'
import { Button } from '@/ui/button'
import { EmptyState } from '@/ui/empty-state'

/** The tenant's SCIM connections, each with what can be done to it. */
export function ProvisioningCard({ list }: { list: ConnectionList }) {
  const [adding, setAdding] = useState(false)
  const [made, setMade] = useState<Made | null>(null)
  const add = (
    <Button icon={<Plus aria-hidden />} disabledReason={list.why.create} onClick={() => setAdding(true)}>
      Add connection
    </Button>
  )
  return (
    <section aria-labelledby="provisioning" className="grid max-w-3xl gap-4">
      <div className="grid gap-1">
        <h2 id="provisioning" className="text-base font-semibold">
          Provisioning (SCIM)
        </h2>
        <p className="text-sm text-muted">
          Your directory creates, changes and deactivates people and groups here. Who is deactivated there is
          signed out here at once.
        </p>
      </div>
      {list.connections.length === 0 ? (
        <EmptyState icon={<FolderSync />} title="No directory provisions people" action={add}>
          Add a connection, and enter its address and token in Okta, Entra ID or another directory that speaks
          SCIM 2.0. People who are here already are never taken over.
        </EmptyState>
      ) : (
        <>
          <div className="justify-self-start">{add}</div>
          {list.connections.map((connection) => (
            <ConnectionItem key={connection.id} connection={connection} list={list} onToken={setMade} />
          ))}
        </>
      )}
      {adding && <ConnectionForm list={list} onClose={() => setAdding(false)} onToken={setMade} />}
      {made && <TokenReveal made={made} onClose={() => setMade(null)} />}
    </section>
  )
}
