'use client'

import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { CodeBlock } from '@/ui/code-block'
import { DescriptionList } from '@/ui/description-list'
import { Dialog } from '@/ui/dialog'

export interface Made {
  name: string
  token: string
  baseUrl: string
}

/** The token that was made, once; with what else the directory needs. */
export function TokenReveal({ made, onClose }: { made: Made; onClose: () => void }) {
  return (
    <Dialog
      open
      onOpenChange={onClose}
      dismissible={false}
      title={`Enter this in your directory for ${made.name}`}
      footer={
        <Button variant="primary" onClick={onClose}>
          I have copied it
        </Button>
      }
    >
      <div className="grid gap-4">
        <Alert tone="warning">
          The token is shown this once. Whoever has it creates and deactivates people here.
        </Alert>
        <CodeBlock code={made.token} title="Bearer token" label="token" />
        <DescriptionList
          items={[
            { label: 'Base URL', value: made.baseUrl, copy: made.baseUrl, mono: true },
            { label: 'Authentication', value: 'HTTP header, bearer token' },
            { label: 'Unique identifier', value: 'userName', mono: true },
          ]}
        />
      </div>
    </Dialog>
  )
}
