'use client'

import { MonitorSmartphone } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import type { UserSignIn } from '@/server/features/users/users.sign-in.schema'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { RelativeTime } from '@/ui/relative-time'
import { toast } from '@/ui/toast'

const ALL = 'all'

/** Where somebody is signed in in this tenant, with the way to end each or all. */
export function UserSessions({ state, tenant }: { state: UserSignIn; tenant: string }) {
  const { user, sessions, can, why } = state
  const router = useRouter()
  const [pending, setPending] = useState<string | null>(null)
  const end = async (which: string) => {
    setPending(which)
    try {
      if (which === ALL) await api().users.endSessions.mutate({ id: user.id })
      else await api().users.endSession.mutate({ id: user.id, sessionId: which })
      toast.success(which === ALL ? `${user.name} is signed out everywhere.` : 'Signed out there.')
    } catch (error) {
      toast.error(problemOf(error).message)
    }
    router.refresh()
    setPending(null)
  }
  const reason = !can.endSessions && why.endSessions
  return (
    <Card
      title="Sessions"
      description={`Where ${user.name} is signed in in ${tenant}.`}
      actions={
        <Button
          variant="danger-outline"
          loading={pending === ALL}
          disabledReason={reason || (sessions.length === 0 && 'Not signed in here')}
          onClick={() => void end(ALL)}
        >
          Sign out everywhere
        </Button>
      }
      padded={false}
    >
      {sessions.length === 0 ? (
        <p className="p-4 text-sm text-muted">Not signed in at the moment.</p>
      ) : (
        <ul>
          {sessions.map((row) => (
            <li
              key={row.id}
              className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-3 last:border-b-0"
            >
              <MonitorSmartphone aria-hidden className="size-4 shrink-0 text-muted" />
              <div className="grid min-w-0 flex-1 basis-56 gap-0.5">
                <p className="text-sm font-medium">{row.device}</p>
                <p className="text-xs text-muted">
                  <span className="font-mono">{row.ip}</span> · signed in{' '}
                  <RelativeTime date={row.createdAt} /> · last seen <RelativeTime date={row.lastSeenAt} />
                </p>
              </div>
              <Button
                size="sm"
                loading={pending === row.id}
                disabledReason={reason}
                onClick={() => void end(row.id)}
                aria-label={`Sign out ${row.device}, ${row.ip}`}
              >
                Sign out
              </Button>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
