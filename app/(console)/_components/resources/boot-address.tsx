'use client'

import { Link2 } from 'lucide-react'
import { useState } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { CodeBlock } from '@/ui/code-block'
import { RelativeTime } from '@/ui/relative-time'

interface Props {
  environmentId: string
  /** For this server alone, with its parameters. */
  machineId?: string
}

/** Makes a signed address of a boot environment's iPXE script, to be put where the machine looks for it. */
export function BootAddress({ environmentId, machineId }: Props) {
  const [made, setMade] = useState<{ url: string; expiresAt: string } | null>(null)
  const [pending, setPending] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const make = async () => {
    setPending(true)
    setError(null)
    try {
      setMade(await api().boot.address.mutate({ id: environmentId, machineId }))
    } catch (caught) {
      setError(problemOf(caught).message)
    } finally {
      setPending(false)
    }
  }
  return (
    <Card
      title="Boot address"
      description={
        machineId
          ? 'The iPXE script for this server, with its own parameters.'
          : 'The iPXE script for any machine. A server that boots this has an address of its own on its page.'
      }
    >
      <div className="grid gap-3">
        {error && <Alert tone="danger">{error}</Alert>}
        {made ? (
          <>
            <CodeBlock code={made.url} label="boot address" wrap />
            <p className="text-xs text-muted">
              Whoever has it can read the script. It ends <RelativeTime date={made.expiresAt} />, and at once
              when this tenant may not use the environment any more.
            </p>
          </>
        ) : (
          <div>
            <Button icon={<Link2 aria-hidden />} loading={pending} onClick={() => void make()}>
              Make an address
            </Button>
          </div>
        )}
      </div>
    </Card>
  )
}
