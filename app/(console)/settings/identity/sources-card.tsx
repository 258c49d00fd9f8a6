'use client'

import { Fingerprint, Plus } from 'lucide-react'
import { useState } from 'react'
import { KindSheet } from '@/app/(console)/settings/identity/kind-sheet'
import { SourceItem } from '@/app/(console)/settings/identity/source-item'
import { SourceForm } from '@/app/(console)/settings/identity/source-form'
import type { SourceList } from '@/server/features/identity/identity.schema'
import type { KindName } from '@/server/features/identity/provider.schema'
import { Button } from '@/ui/button'
import { EmptyState } from '@/ui/empty-state'

/** The tenant's sources, each with what can be done to it. */
export function SourcesCard({ list }: { list: SourceList }) {
  const [adding, setAdding] = useState<KindName | 'choosing' | null>(null)
  const close = () => setAdding(null)
  const add = (
    <Button
      variant="primary"
      icon={<Plus aria-hidden />}
      disabledReason={list.why.create}
      onClick={() => setAdding('choosing')}
    >
      Add source
    </Button>
  )
  return (
    <div className="grid max-w-3xl gap-4">
      {list.sources.length === 0 ? (
        <EmptyState icon={<Fingerprint />} title="People sign in with a password" action={add}>
          Add what your people sign in with elsewhere, such as Entra ID, Okta or Keycloak. Its button then
          stands on your sign-in page, and its groups give people their roles.
        </EmptyState>
      ) : (
        <>
          <div className="justify-self-start">{add}</div>
          {list.sources.map((source) => (
            <SourceItem key={source.id} source={source} list={list} />
          ))}
        </>
      )}
      {adding === 'choosing' && <KindSheet onChoose={setAdding} onClose={close} />}
      {adding !== null && adding !== 'choosing' && <SourceForm kind={adding} list={list} onClose={close} />}
    </div>
  )
}
