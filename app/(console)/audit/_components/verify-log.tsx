'use client'

import { ShieldCheck } from 'lucide-react'
import { useState } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import { Button } from '@/ui/button'
import { toast } from '@/ui/toast'

/** Recomputes the chain of the log and says whether it holds. */
export function VerifyLog() {
  const [busy, setBusy] = useState(false)
  const verify = async () => {
    setBusy(true)
    try {
      const { checked, intact, brokenAt } = await api().audit.verify.query()
      if (intact) toast.success(`The log is intact: ${checked.toLocaleString()} events checked`)
      else toast.error(`The log does not hold together from event ${brokenAt ?? '?'} on`)
    } catch (error) {
      toast.error(problemOf(error).message)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Button onClick={() => void verify()} loading={busy} variant="secondary">
      <ShieldCheck aria-hidden className="size-4" /> Verify log
    </Button>
  )
}
