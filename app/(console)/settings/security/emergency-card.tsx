'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import type { AllowList } from '@/server/features/allow-list/allow-list.schema'
import { Alert } from '@/ui/alert'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { Picker } from '@/ui/picker'
import { toast } from '@/ui/toast'

type Account = AllowList['accounts'][number]

/** Which accounts get in from anywhere. */
export function EmergencyCard({ state }: { state: AllowList }) {
  const router = useRouter()
  const [problem, setProblem] = useState<string>()
  const [leaving, setLeaving] = useState<Account | null>(null)
  const [pending, setPending] = useState(false)
  const { accounts, candidates, can, why } = state

  const act = async (work: () => Promise<unknown>, done: string) => {
    setPending(true)
    setProblem(undefined)
    try {
      await work()
      toast.success(done)
      router.refresh()
    } catch (error) {
      setProblem(problemOf(error).message)
    } finally {
      setPending(false)
      setLeaving(null)
    }
  }

  return (
    <Card
      title="Emergency access"
      description="Up to two accounts that get in from any address, by password and second factor only. Each use is recorded, told to every owner and administrator by mail, and shown on every page while it lasts."
    >
      <div className="grid gap-3">
        {problem && <Alert tone="danger">{problem}</Alert>}
        {accounts.length === 0 && <p className="text-sm text-muted">No account is chosen.</p>}
        <ul className="grid gap-2">
          {accounts.map((account) => (
            <li key={account.userId} className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
              <span className="font-medium">{account.name}</span>
              <span className="font-mono text-muted">{account.username}</span>
              <Badge tone={account.works ? 'success' : 'warning'}>
                {account.works ? 'Works' : 'Does not work'}
              </Badge>
              <span className="text-muted">chosen by {account.appointedBy}</span>
              <Button
                size="sm"
                variant="ghost"
                disabledReason={why.appoint}
                onClick={() => setLeaving(account)}
              >
                Take back
              </Button>
            </li>
          ))}
        </ul>
        {!can.appoint ? (
          <p className="text-sm text-muted">{why.appoint}.</p>
        ) : accounts.length >= 2 ? null : candidates.length === 0 ? (
          <p className="text-sm text-muted">
            {accounts.length === 0 ? 'Nobody' : 'Nobody else'} can be chosen now: an account needs a password
            and a second factor of its own, set up under Account &gt; Security.
          </p>
        ) : (
          <Picker
            label="Account"
            placeholder="Choose an account…"
            className="max-w-sm"
            value={null}
            options={candidates.map(({ userId, name, username }) => ({
              value: userId,
              label: name,
              description: username,
            }))}
            onChange={({ value, label }) =>
              void act(
                () => api().allowList.appoint.mutate({ userId: value }),
                `${label} gets in from anywhere now.`,
              )
            }
          />
        )}
      </div>
      <ConfirmDialog
        open={leaving !== null}
        onOpenChange={() => setLeaving(null)}
        title={`Take emergency access back from ${leaving?.name ?? ''}?`}
        consequences={[
          'What they opened by it ends at once.',
          'They get in from allowed addresses, as everybody.',
        ]}
        confirmLabel="Take back"
        pending={pending}
        onConfirm={() =>
          leaving &&
          void act(
            () => api().allowList.dismiss.mutate({ userId: leaving.userId }),
            `${leaving.name} has no emergency access any more.`,
          )
        }
      />
    </Card>
  )
}
