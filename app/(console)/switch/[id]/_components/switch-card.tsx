'use client'

import { ArrowRight } from 'lucide-react'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { TenantPrefix } from '@/lib/host'
import { consolePaths } from '@/lib/paths'
import type { ErrorBody } from '@/server/rpc/errors'
import { Alert } from '@/ui/alert'
import { Button, ButtonLink } from '@/ui/button'
import { Card } from '@/ui/card'
import { Spinner } from '@/ui/spinner'
import { TenantMark } from '@/ui/tenant-mark'

interface Props {
  tenant: { id: string; name: string; icon: string; slug: string; isMaster: boolean }
  /** Name of the tenant that is left. */
  from: string
  next: string
  prefix: TenantPrefix
  /** Goes on by itself. */
  now: boolean
}

const UNREACHED = 'The server could not be reached. Check your connection and try again.'

/** Asks for the way. @returns where it leads @throws Error in words for people */
async function wayTo(prefix: string, tenant: string, next: string): Promise<string> {
  const answer = await fetch(`${prefix}/api/switch`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ tenant, next }),
  }).catch(() => null)
  if (!answer) throw new Error(UNREACHED)
  const body = (await answer.json().catch(() => null)) as ({ next?: string } & Partial<ErrorBody>) | null
  if (!answer.ok || !body?.next) throw new Error(body?.message ?? UNREACHED)
  return body.next
}

/** Says where one is going and goes there; what stands in the way, it says. */
export function SwitchCard({ tenant, from, next, prefix, now }: Props) {
  const [busy, setBusy] = useState(now)
  const [problem, setProblem] = useState<string | null>(null)
  const started = useRef(false)
  const go = useCallback(() => {
    setBusy(true)
    setProblem(null)
    wayTo(prefix, tenant.id, next).then(
      // This page is no place to come back to.
      (href) => window.location.replace(href),
      (error: Error) => {
        setBusy(false)
        setProblem(error.message)
      },
    )
  }, [prefix, tenant.id, next])
  useEffect(() => {
    if (!now || started.current) return
    started.current = true
    go()
  }, [now, go])
  return (
    <div className="mx-auto grid max-w-md gap-4 pt-10">
      <h1 className="sr-only">Switch to {tenant.name}</h1>
      <Card>
        <div className="grid justify-items-center gap-4 py-4 text-center">
          <TenantMark name={tenant.name} icon={tenant.icon} seed={tenant.id} size="lg" />
          <div className="grid gap-1">
            <p className="text-lg font-medium">{tenant.name}</p>
            <p className="text-sm text-muted">
              {busy ? 'Opening it with your own account…' : `Leads to ${tenant.name} with your own account.`}{' '}
              You stay signed in to {from} in your other tabs.
            </p>
          </div>
          {busy ? (
            <Spinner className="size-5 text-accent-ink" />
          ) : (
            <div className="flex flex-wrap justify-center gap-2">
              <ButtonLink href={consolePaths(prefix).home}>Stay here</ButtonLink>
              <Button variant="primary" onClick={go} icon={<ArrowRight aria-hidden />}>
                {problem ? 'Try again' : `Switch to ${tenant.name}`}
              </Button>
            </div>
          )}
        </div>
      </Card>
      {problem && (
        <Alert tone="danger" title={`${tenant.name} could not be opened`}>
          {problem}
        </Alert>
      )}
    </div>
  )
}
