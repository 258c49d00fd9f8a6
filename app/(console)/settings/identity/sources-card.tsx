'use client'

import { Fingerprint, Plus } from 'lucide-react'
import { useState } from 'react'
import { SourceItem } from '@/app/(console)/settings/identity/source-item'
import { SourceForm } from '@/app/(console)/settings/identity/source-form'
import type { SourceList } from '@/server/features/identity/identity.schema'
import { Button } from '@/ui/button'
import { EmptyState } from '@/ui/empty-state'

/** The tenant's sources, each with what can be done to it. */
export function SourcesCard({ list }: { list: SourceList }) {
  const [adding, setAdding] = useState(false)
  const add = (
    <Button
      variant="primary"
      icon={<Plus aria-hidden />}
      disabledReason={list.why.create}
      onClick={() => setAdding(true)}
    >
      Add provider
    </Button>
  )
  return (
    <div className="grid max-w-3xl gap-4">
      {list.sources.length === 0 ? (
        <EmptyState icon={<Fingerprint />} title="People sign in with a password" action={add}>
          Add your OpenID Connect provider, such as Entra ID, Okta or Keycloak. Its button then stands on your
          sign-in page, and its groups give people their roles.
        </EmptyState>
      ) : (
        <>
          <div className="justify-self-start">{add}</div>
          {list.sources.map((source) => (
            <SourceItem key={source.id} source={source} list={list} />
          ))}
        </>
      )}
      {adding && <SourceForm list={list} onClose={() => setAdding(false)} />}
    </div>
  )
}
