'use client'

import { api } from '@/app/_lib/api-client'
import { useChange } from '@/app/(console)/_components/resources/use-change'
import type { KindView } from '@/lib/resource-kinds/kind'
import { ConfirmDialog } from '@/ui/confirm-dialog'

interface Props {
  kind: Pick<KindView, 'kind' | 'plural'>
  resources: readonly { id: string; name: string }[]
  next: 'public' | 'private'
  onClose: () => void
  onDone?: () => void
}

/** Offers things to all tenants, or takes them back. */
export function VisibilityDialog({ kind, resources, next, onClose, onDone }: Props) {
  const { pending, error, run } = useChange(() => {
    onClose()
    onDone?.()
  })
  const [first] = resources
  const isOne = resources.length === 1
  const what = isOne && first ? first.name : `${resources.length} ${kind.plural.toLowerCase()}`
  const it = isOne ? 'it' : 'them'
  const ids = resources.map(({ id }) => id)
  // One host has an event of its own in the audit log.
  const change = () =>
    kind.kind === 'host' && isOne && first
      ? api().hosts.setVisibility.mutate({ id: first.id, visibility: next })
      : api().resources.setVisibility.mutate({ kind: kind.kind, ids, visibility: next })
  const reported = kind.kind === 'host' ? ', with what the agent reports' : ''
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      tone="default"
      title={next === 'public' ? `Offer ${what} to all tenants?` : `Take ${what} back?`}
      description={
        next === 'public'
          ? `Every tenant will see ${it} in its console${reported}; what stands in a cloud, those that have added the cloud. Tenants made later see ${it}, too.`
          : `No tenant will see ${it} any more, from this moment on.`
      }
      confirmLabel={next === 'public' ? 'Make public' : 'Make private'}
      pending={pending}
      error={error}
      onConfirm={() =>
        void run(
          change,
          next === 'public'
            ? `All tenants see ${it} now.`
            : isOne
              ? 'It is private now.'
              : 'They are private now.',
        )
      }
    />
  )
}
