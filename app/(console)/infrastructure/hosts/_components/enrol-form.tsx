'use client'

import { useRouter } from 'next/navigation'
import { useState, type FormEvent } from 'react'
import { api, problemOf } from '@/app/_lib/api-client'
import type {
  EnrolmentTokenCreated,
  EnrolmentTokenRow,
} from '@/server/features/enrolment-tokens/enrolment-tokens.schema'
import { Alert } from '@/ui/alert'
import { Button, ButtonLink } from '@/ui/button'
import { Card } from '@/ui/card'
import { CodeBlock } from '@/ui/code-block'
import { Field } from '@/ui/field'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { Input } from '@/ui/input'
import { RadioCards } from '@/ui/radio-cards'
import { RelativeTime } from '@/ui/relative-time'
import { Select } from '@/ui/select'
import { Spinner } from '@/ui/spinner'

const LIFETIMES = [
  { value: '1', label: '1 hour' },
  { value: '24', label: '1 day' },
  { value: '168', label: '7 days' },
  { value: '720', label: '30 days' },
  { value: '8760', label: '1 year' },
]

interface Props {
  mayCreate: boolean
  /** The tenant's tokens as they are now: their uses show who has enrolled. */
  tokens: readonly EnrolmentTokenRow[]
  /** The host that was enrolled last; null: none, or not to be seen. */
  newest: { id: string; name: string; createdAt: string; href: string } | null
  hostsHref: string
}

type System = 'linux' | 'windows'
const SYSTEMS: Record<System, { where: string; remove: string }> = {
  linux: { where: 'As root, on any Linux with curl.', remove: 'freehold-agent uninstall' },
  windows: {
    where: 'In an elevated PowerShell (Run as administrator).',
    remove: '& "$env:ProgramData\\Freehold\\agent\\agent.ps1" uninstall',
  },
}

/** Makes an enrolment token and shows, once, the command that uses it; then waits for the machine. */
export function EnrolForm({ mayCreate, tokens, newest, hostsHref }: Props) {
  const [created, setCreated] = useState<EnrolmentTokenCreated | null>(null)
  const [system, setSystem] = useState<System>('linux')
  if (!created) return <TokenForm mayCreate={mayCreate} onCreated={setCreated} />
  const token = tokens.find(({ id }) => id === created.id)
  const uses = token?.uses ?? 0
  // A machine that was enrolled before is its old host again, and no new one.
  const arrived = newest && token && uses === 1 && newest.createdAt >= token.createdAt ? newest : null
  return (
    <Card
      title="Run this on the machine"
      description={`${SYSTEMS[system].where} It shows once: make another one if you lose it.`}
      footer={
        <>
          <span>
            The token ends <RelativeTime date={created.expiresAt} />.
          </span>
          <Button size="sm" onClick={() => setCreated(null)}>
            Make another one
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        <RadioCards
          legend="System of the machine"
          name="system"
          columns={2}
          value={system}
          onChange={(value) => setSystem(value === 'windows' ? 'windows' : 'linux')}
          options={[
            { value: 'linux', label: 'Linux', description: 'Any with curl' },
            { value: 'windows', label: 'Windows', description: 'Not tested on Windows by us' },
          ]}
        />
        <CodeBlock
          code={system === 'linux' ? created.command : created.windowsCommand}
          label="install command"
          wrap
        />
        <p className="text-sm text-muted">
          It installs a small script that reports every 30 seconds and takes no commands; it replaces itself
          by newer versions of this server. <code>{SYSTEMS[system].remove}</code> removes it.
        </p>
        {system === 'windows' && (
          <Alert tone="warning" title="Not tested on Windows by us">
            It speaks the same protocol as the one for Linux, which is tested. Try it on a machine that you
            can do without before you rely on it.
          </Alert>
        )}
        <div role="status">
          {uses === 0 ? (
            <p className="flex items-center gap-2 text-sm text-muted">
              <Spinner /> Waiting for the machine. This page notices by itself.
            </p>
          ) : (
            <Arrived uses={uses} newest={arrived} hostsHref={hostsHref} />
          )}
        </div>
      </div>
    </Card>
  )
}

function Arrived({ uses, newest, hostsHref }: Pick<Props, 'newest' | 'hostsHref'> & { uses: number }) {
  return (
    <Alert
      tone="success"
      title={uses === 1 ? 'The machine is enrolled' : `${uses} machines are enrolled`}
      action={
        <ButtonLink size="sm" href={newest?.href ?? hostsHref}>
          {newest ? `Open ${newest.name}` : 'See the hosts'}
        </ButtonLink>
      }
    />
  )
}

function TokenForm({
  mayCreate,
  onCreated,
}: {
  mayCreate: boolean
  onCreated: (token: EnrolmentTokenCreated) => void
}) {
  const router = useRouter()
  const [pending, setPending] = useState(false)
  const [problems, setProblems] = useState<{ message: string; fields: Record<string, string> } | null>(null)
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (pending) return
    const data = new FormData(event.currentTarget)
    const text = (name: string) => (data.get(name) as string | null) ?? ''
    setPending(true)
    setProblems(null)
    try {
      const input = {
        name: text('name'),
        maxUses: Number(text('maxUses')),
        expiresInHours: Number(text('expiresInHours')),
      }
      onCreated(await api().enrolmentTokens.create.mutate(input))
      router.refresh()
    } catch (error) {
      const { message, fields = {} } = problemOf(error)
      setProblems({ message, fields })
    } finally {
      setPending(false)
    }
  }
  const fields = problems?.fields ?? {}
  const named = Object.entries(fields).map(([field, message]) => ({ field: `token-${field}`, message }))
  return (
    <Card
      title="Make an install command"
      description="Each command holds a token that lets machines into this tenant, and no other."
    >
      <form onSubmit={(event) => void submit(event)} noValidate className="grid gap-4">
        {problems && <FormErrorSummary errors={named.length > 0 ? named : [{ message: problems.message }]} />}
        <div className="grid gap-4 sm:grid-cols-3">
          <Field label="Name" id="token-name" error={fields.name} hint="For you: what it is for" required>
            <Input name="name" maxLength={100} defaultValue="New host" autoComplete="off" />
          </Field>
          <Field label="Machines" id="token-maxUses" error={fields.maxUses} hint="How many may use it">
            <Input name="maxUses" type="number" inputMode="numeric" min={1} max={10_000} defaultValue={1} />
          </Field>
          <Field label="Valid for" id="token-expiresInHours" error={fields.expiresInHours}>
            <Select name="expiresInHours" defaultValue="24" options={LIFETIMES} />
          </Field>
        </div>
        <div>
          <Button
            type="submit"
            variant="primary"
            loading={pending}
            disabledReason={!mayCreate && 'You may see enrolment tokens, but not create them'}
          >
            Make the command
          </Button>
        </div>
      </form>
    </Card>
  )
}
