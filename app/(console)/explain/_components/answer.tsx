import { CircleCheck, CircleMinus, CircleX } from 'lucide-react'
import { AssignRemedy } from '@/app/(console)/explain/_components/assign-remedy'
import type { TenantPrefix } from '@/lib/host'
import type { ExplanationView } from '@/server/features/explain/explain.schema'
import { Alert } from '@/ui/alert'
import { Badge } from '@/ui/badge'
import { ButtonLink } from '@/ui/button'
import { Card } from '@/ui/card'

interface Props {
  answer: ExplanationView
  prefix: TenantPrefix
  /** The subtenant that was asked about; null: the acting one. */
  tenant: { id: string; name: string } | null
}

const VERB_WORDS = { see: 'see', act: 'use', edit: 'change', delete: 'remove' } as const

/** The answer, the chain, and what to do. */
export function Answer({ answer, prefix, tenant }: Props) {
  if (!answer.found)
    return (
      <Alert tone="warning" title={answer.summary}>
        {answer.ask}
      </Alert>
    )
  return (
    <div className="grid min-w-0 gap-4">
      <Alert tone={answer.allowed ? 'success' : 'danger'} title={answer.summary}>
        {answer.ask ??
          (answer.allowed ? 'Every link of the chain holds.' : 'The link that is missing is marked below.')}
      </Alert>
      {answer.remedies.length > 0 && <Remedies answer={answer} prefix={prefix} tenant={tenant} />}
      <Card
        title="The chain"
        description="From the licence to the person, in the order in which it is asked."
      >
        <ol className="grid gap-0">
          {answer.chain.map((link) => (
            <ChainItem key={link.link} {...link} />
          ))}
        </ol>
        {answer.verbs.length > 0 && (
          <p className="mt-4 flex flex-wrap items-center gap-2 border-t border-line pt-4 text-sm text-muted">
            Altogether:
            {answer.verbs.map(({ verb, allowed }) => (
              <Badge key={verb} tone={allowed ? 'success' : 'neutral'}>
                {allowed ? 'may' : 'may not'} {VERB_WORDS[verb]} it
              </Badge>
            ))}
          </p>
        )}
      </Card>
    </div>
  )
}

const MARK = {
  holds: { icon: <CircleCheck aria-hidden className="size-5 text-success-ink" />, word: 'Holds' },
  missing: { icon: <CircleX aria-hidden className="size-5 text-danger-ink" />, word: 'Missing' },
  none: { icon: <CircleMinus aria-hidden className="size-5 text-faint" />, word: 'Does not matter here' },
} as const

function ChainItem({ label, state, words }: ExplanationView['chain'][number]) {
  const { icon, word } = MARK[state]
  return (
    <li
      className={`relative flex gap-3 rounded-md px-2 py-2 ${state === 'missing' ? 'border border-danger-line bg-danger-soft' : ''}`}
    >
      <span className="mt-0.5 shrink-0">{icon}</span>
      <div className="min-w-0">
        <p className="text-sm font-medium">
          {label} <span className={state === 'missing' ? 'text-danger-ink' : 'sr-only'}>· {word}</span>
        </p>
        <p className={`text-sm break-words ${state === 'missing' ? '' : 'text-muted'}`}>{words}</p>
      </div>
    </li>
  )
}

function Remedies({ answer, prefix, tenant }: Props) {
  return (
    <Card title={answer.remedies.length === 1 ? 'What to do' : 'What to do, all of it'}>
      <ul className="grid gap-3">
        {answer.remedies.map((remedy) => (
          <li key={remedy.code} className="flex flex-wrap items-center justify-between gap-3">
            <span className="min-w-0 text-sm">{remedy.words}</span>
            {remedy.assign && answer.thing && tenant ? (
              <AssignRemedy thing={answer.thing} tenant={tenant} />
            ) : (
              remedy.href && (
                <ButtonLink size="sm" variant="primary" href={prefix + remedy.href}>
                  Open
                </ButtonLink>
              )
            )}
          </li>
        ))}
      </ul>
      {answer.otherWays.length > 0 && (
        <details className="mt-4 text-sm">
          <summary className="cursor-pointer text-muted">Other ways that would do</summary>
          <ul className="mt-2 grid list-disc gap-1 pl-5 text-muted">
            {answer.otherWays.map((way) => (
              <li key={way.code + way.words}>{way.words}</li>
            ))}
          </ul>
        </details>
      )}
    </Card>
  )
}
