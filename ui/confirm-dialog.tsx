'use client'
import { useState, type FormEvent, type ReactNode } from 'react'
import { Alert } from './alert'
import { Button } from './button'
import { Dialog } from './dialog'
import { Field } from './field'
import { Input } from './input'

type Props = {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: ReactNode
  description?: ReactNode
  /** What will happen or die, one line each. */
  consequences?: readonly ReactNode[]
  /** The exact text to type before the button works. */
  confirmText?: string
  confirmLabel: string
  cancelLabel?: string
  tone?: 'default' | 'danger'
  pending?: boolean
  error?: string | null
  /** Why it cannot be confirmed now, e.g. a missing reason among the children. */
  disabledReason?: string | false | null
  onConfirm: () => void
  /** More fields, such as a reason. */
  children?: ReactNode
}

/** Asks before something that cannot simply be undone. */
export function ConfirmDialog(props: Props) {
  const { confirmText, tone = 'danger', pending = false, disabledReason, onOpenChange } = props
  const [typed, setTyped] = useState('')
  const matches = !confirmText || typed.trim() === confirmText
  const change = (open: boolean) => {
    setTyped('')
    onOpenChange(open)
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (matches && !pending && !disabledReason) props.onConfirm()
  }
  return (
    <Dialog
      open={props.open}
      onOpenChange={change}
      size="sm"
      title={props.title}
      description={props.description}
      dismissible={!pending}
      onSubmit={submit}
      footer={
        <>
          <Button data-autofocus={confirmText ? undefined : true} onClick={() => change(false)}>
            {props.cancelLabel ?? 'Cancel'}
          </Button>
          <Button
            type="submit"
            variant={tone === 'danger' ? 'danger' : 'primary'}
            loading={pending}
            disabledReason={matches ? disabledReason : `Type “${confirmText}” first`}
          >
            {props.confirmLabel}
          </Button>
        </>
      }
    >
      {(props.consequences?.length || confirmText || props.error || props.children) && (
        <div className="grid gap-4">
          {props.error && <Alert tone="danger">{props.error}</Alert>}
          {props.consequences && props.consequences.length > 0 && (
            <ul className="grid gap-1.5 rounded-md border border-line bg-subtle px-3 py-2.5 text-sm">
              {props.consequences.map((line, index) => (
                <li key={index} className="grid grid-cols-[auto_1fr] gap-2">
                  <span aria-hidden className="mt-[0.45rem] size-1.5 rounded-full bg-danger" />
                  <span className="min-w-0">{line}</span>
                </li>
              ))}
            </ul>
          )}
          {props.children}
          {confirmText && (
            <Field
              label={
                <>
                  Type <strong className="font-semibold select-all">{confirmText}</strong> to confirm
                </>
              }
            >
              <Input
                data-autofocus
                autoComplete="off"
                spellCheck={false}
                value={typed}
                onChange={(event) => setTyped(event.target.value)}
              />
            </Field>
          )}
        </div>
      )}
    </Dialog>
  )
}
