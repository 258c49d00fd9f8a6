'use client'

import { Plus, X } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useChange } from '@/app/(console)/_components/resources/use-change'
import { Alert } from '@/ui/alert'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { IconButton } from '@/ui/icon-button'
import { SuggestInput } from '@/ui/suggest-input'

const SUGGESTIONS = 20

interface Props {
  resource: { id: string; kind: string; tags: readonly string[] }
  may: boolean
}

/** The tenant's own words on a thing, as chips; each change is saved at once. No other tenant sees them. */
export function TagsCard({ resource, may }: Props) {
  const { kind, id, tags } = resource
  const [text, setText] = useState('')
  const { pending, error, run } = useChange(() => setText(''))
  const save = (next: readonly string[], said: string) =>
    void run(() => api().tags.set.mutate({ kind, id, tags: [...next] }), said)
  const add = (written: string) => {
    const tag = written.trim().toLowerCase()
    if (!pending && tag !== '') save([...tags, tag], `Tagged ${tag}.`)
  }
  const suggest = async (search: string, signal: AbortSignal) => {
    const { rows } = await api().tags.list.query({ search, limit: SUGGESTIONS }, { signal })
    return rows
      .filter(({ tag }) => !tags.includes(tag))
      .map(({ tag, count }) => ({ value: tag, hint: `on ${count}` }))
  }
  return (
    <Card title="Tags" description="Your own words; nobody outside this tenant sees them.">
      <div className="grid gap-3">
        {error && <Alert tone="danger">{error}</Alert>}
        {tags.length === 0 && !may && <p className="text-sm text-muted">None.</p>}
        {tags.length > 0 && (
          <ul className="flex flex-wrap gap-1.5" aria-label="Tags">
            {tags.map((tag) => (
              <li key={tag} className="inline-flex items-center">
                <Badge>{tag}</Badge>
                {may && (
                  <IconButton
                    label={`Remove the tag ${tag}`}
                    icon={<X aria-hidden />}
                    size="icon-sm"
                    disabledReason={pending && 'Saving'}
                    onClick={() =>
                      save(
                        tags.filter((one) => one !== tag),
                        `${tag} is removed.`,
                      )
                    }
                  />
                )}
              </li>
            ))}
          </ul>
        )}
        {may && (
          <form
            method="post"
            className="flex gap-2"
            onSubmit={(event: FormEvent) => {
              event.preventDefault()
              add(text)
            }}
          >
            <SuggestInput
              label="New tag"
              placeholder="New tag"
              maxLength={60}
              value={text}
              onChange={setText}
              onPick={add}
              suggest={suggest}
            />
            <Button
              type="submit"
              icon={<Plus aria-hidden />}
              loading={pending}
              disabledReason={text.trim() === '' && 'Enter a tag first'}
            >
              Add
            </Button>
          </form>
        )}
      </div>
    </Card>
  )
}
