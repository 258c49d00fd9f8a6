'use client'

import { CloudDownload } from 'lucide-react'
import { useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useChange } from '@/app/(console)/_components/resources/use-change'
import type { CloudOffers } from '@/server/features/clouds/clouds.schema'
import { Alert } from '@/ui/alert'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'

/** "Add cloud" on the list of a subtenant's clouds: what the provider offers, with what may be done there (PRODUCT rule 5). */
export function AddCloudButton({ offers }: { offers: CloudOffers }) {
  const [open, setOpen] = useState(false)
  const { add } = offers.can
  const waiting = offers.rows.filter(({ added }) => !added)
  return (
    <>
      <Button
        icon={<CloudDownload aria-hidden />}
        disabledReason={
          add.allowed
            ? waiting.length === 0 && 'Your provider offers no cloud that you do not have yet'
            : add.reason
        }
        onClick={() => setOpen(true)}
      >
        Add cloud
      </Button>
      {open && <AddCloudDialog rows={waiting} onClose={() => setOpen(false)} />}
    </>
  )
}

function AddCloudDialog({ rows, onClose }: { rows: CloudOffers['rows']; onClose: () => void }) {
  const [adding, setAdding] = useState<string | null>(null)
  const { pending, error, run } = useChange(onClose)
  const add = (id: string, name: string) => {
    setAdding(id)
    void run(() => api().clouds.add.mutate({ id }), `${name} is added, with a group of its name.`)
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Add cloud"
      description="Clouds of your provider that you may have. Adding one shows what is public in it and makes a group of its name."
      dismissible={!pending}
      footer={<Button onClick={onClose}>Close</Button>}
    >
      <div className="grid gap-3">
        {error && <Alert tone="danger">{error}</Alert>}
        <ul className="grid gap-2">
          {rows.map(({ id, name, description, location, level }) => (
            <li key={id} className="flex items-center gap-3 rounded-md border border-line px-3 py-2.5">
              <div className="grid min-w-0 flex-1 gap-0.5">
                <span className="flex flex-wrap items-center gap-2 text-sm font-medium">
                  {name}
                  <Badge tone={level === 'full' ? 'success' : 'neutral'}>
                    {level === 'full' ? 'Use' : 'Look only'}
                  </Badge>
                </span>
                <span className="text-xs text-muted">
                  {[location, description].filter(Boolean).join(' · ')}
                </span>
              </div>
              <Button
                size="sm"
                variant="primary"
                aria-label={`Add ${name}`}
                loading={pending && adding === id}
                disabledReason={pending && adding !== id && 'One is being added'}
                onClick={() => add(id, name)}
              >
                Add
              </Button>
            </li>
          ))}
        </ul>
      </div>
    </Dialog>
  )
}
