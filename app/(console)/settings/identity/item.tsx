'use client'

import { useRouter } from 'next/navigation'
import { type ReactNode, useState } from 'react'
import { problemOf } from '@/app/_lib/api-client'
import { Button } from '@/ui/button'
import { toast } from '@/ui/toast'

export const people = (n: number) => (n === 1 ? '1 person' : `${n} people`)
const signedOut = (n: number) => (n === 0 ? undefined : `${n === 1 ? '1 session' : `${n} sessions`} ended.`)

/** Which dialog of an item is open, and doing what it asks about. */
export function useItem<Asked extends string>() {
  const router = useRouter()
  const [asked, setAsked] = useState<Asked | null>(null)
  const [pending, setPending] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const close = () => {
    setAsked(null)
    setError(null)
  }
  const run = async (work: () => Promise<{ id: string; sessionsEnded?: number }>, done: string) => {
    setPending(true)
    try {
      const { sessionsEnded = 0 } = await work()
      toast.success(done, { description: signedOut(sessionsEnded) })
      close()
      router.refresh()
    } catch (reason) {
      setError(problemOf(reason).message)
      if (asked === null) toast.error(problemOf(reason).message)
    } finally {
      setPending(false)
    }
  }
  return { asked, setAsked, close, pending, error, run }
}

interface ButtonsProps {
  enabled: boolean
  why: Partial<Record<'edit' | 'enable' | 'disable' | 'delete', string>>
  pending: boolean
  ask: (what: 'edit' | 'disable' | 'delete') => void
  enable: () => void
  /** Those that only this kind of item has, after Edit. */
  children: ReactNode
}

/** What can be done to an item, in its footer. */
export function ItemButtons({ enabled, why, pending, ask, enable, children }: ButtonsProps) {
  return (
    <div className="flex flex-wrap gap-2">
      <Button size="sm" disabledReason={why.edit} onClick={() => ask('edit')}>
        Edit
      </Button>
      {children}
      {enabled ? (
        <Button size="sm" disabledReason={why.disable} onClick={() => ask('disable')}>
          Disable
        </Button>
      ) : (
        <Button size="sm" loading={pending} disabledReason={why.enable} onClick={enable}>
          Enable
        </Button>
      )}
      <Button size="sm" variant="danger-outline" disabledReason={why.delete} onClick={() => ask('delete')}>
        Delete
      </Button>
    </div>
  )
}
