'use client'

import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { Field } from '@/ui/field'
import { FormErrorSummary } from '@/ui/form-error-summary'
import { Textarea } from '@/ui/textarea'
import { toast } from '@/ui/toast'

interface Props {
  tenant: { id: string; name: string }
  networks: readonly string[]
}

/** Private networks that a subtenant's own clouds may be reached in, for its provider. */
export function TenantEgressCard({ tenant, networks: stored }: Props) {
  const router = useRouter()
  const form = useSubmit('egress')
  const [text, setText] = useState(stored.join('\n'))
  const networks = text.split(/[\s,;]+/).filter(Boolean)
  const changed = networks.join('\n') !== stored.join('\n')

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    await form.submit(async () => {
      const saved = await api().connections.setEgress.mutate({ tenantId: tenant.id, networks })
      setText(saved.networks.join('\n'))
      toast.success(`Saved. It holds for ${tenant.name} from now on.`)
      router.refresh()
    })
  }

  return (
    <Card
      title="Networks of its clouds"
      description={`Clouds that ${tenant.name} connects itself stand on public addresses, or in these private networks. Freehold's own machine and link-local addresses are never reached.`}
    >
      <form method="post" onSubmit={(event) => void submit(event)} noValidate className="grid gap-4">
        <FormErrorSummary errors={form.errors} title="Nothing is changed" />
        <Field id="egress-networks" label="Private networks" hint="One a line, such as 10.1.0.0/16">
          <Textarea
            mono
            rows={3}
            spellCheck={false}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </Field>
        <Button
          type="submit"
          loading={form.pending}
          disabledReason={!changed && 'Nothing is changed yet'}
          className="justify-self-start"
        >
          Save networks
        </Button>
      </form>
    </Card>
  )
}
