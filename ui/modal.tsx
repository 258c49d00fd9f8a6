'use client'
import { X } from 'lucide-react'
import { useEffect, useId, useLayoutEffect, useRef, type ReactNode } from 'react'
import { cn } from './cn'

export type ModalProps = {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: ReactNode
  description?: ReactNode
  /** The buttons; they stay in sight while the body scrolls. */
  footer?: ReactNode
  /** False keeps it open on Escape and on clicks beside it, e.g. while saving. */
  dismissible?: boolean
  /** Wraps body and footer in a form with this handler. */
  onSubmit?: (event: React.FormEvent<HTMLFormElement>) => void
  hideHeader?: boolean
  children?: ReactNode
}

/**
 * Base of Dialog and Sheet: the browser's own modal `<dialog>`, which brings the focus trap, the inert page behind it and the top
 * layer for 14 kB less than a library. Its content is mounted only while open. Focus starts at `[data-autofocus]`, else at the first control.
 */
export function Modal({ open, ...rest }: ModalProps & { className: string }) {
  return open ? <OpenModal {...rest} /> : null
}

function OpenModal(props: Omit<ModalProps, 'open'> & { className: string }) {
  const {
    onOpenChange,
    title,
    description,
    footer,
    dismissible = true,
    onSubmit,
    hideHeader,
    className,
    children,
  } = props
  const ref = useRef<HTMLDialogElement>(null)
  const id = useId()
  const close = useRef(onOpenChange)
  useEffect(() => {
    close.current = onOpenChange
  }, [onOpenChange])
  useLayoutEffect(() => {
    const dialog = ref.current
    if (!dialog) return
    if (!dialog.open) dialog.showModal()
    dialog.querySelector<HTMLElement>('[data-autofocus]')?.focus()
    const root = document.documentElement
    if (root.scrollHeight > root.clientHeight) root.toggleAttribute('data-scroll-lock', true)
    // Closed before React removes it: only then does the browser give focus back to where it was.
    return () => {
      dialog.close()
      if (!document.querySelector('dialog:modal')) root.removeAttribute('data-scroll-lock')
    }
  }, [])
  const Body = onSubmit ? 'form' : 'div'
  return (
    <dialog
      ref={ref}
      aria-labelledby={`${id}-title`}
      aria-describedby={description ? `${id}-description` : undefined}
      onCancel={(event) => {
        if (event.target !== event.currentTarget) return
        event.preventDefault()
        if (dismissible) close.current(false)
      }}
      onMouseDown={(event) => {
        if (dismissible && event.target === event.currentTarget) close.current(false)
      }}
      className={cn(
        'fixed m-0 max-h-none max-w-none flex-col overflow-hidden bg-overlay text-fg shadow-modal backdrop:bg-scrim open:flex',
        className,
      )}
    >
      <Body
        onSubmit={
          onSubmit &&
          (((event: React.FormEvent<HTMLFormElement>) => {
            event.preventDefault() // the browser would load the page anew
            onSubmit(event)
          }) as never)
        }
        noValidate={onSubmit ? true : undefined}
        className="flex min-h-0 flex-1 flex-col"
      >
        <div className={hideHeader ? 'sr-only' : 'grid gap-1 px-5 pt-4 pr-12 pb-3'}>
          <h2 id={`${id}-title`} className="text-lg font-semibold tracking-tight wrap-anywhere">
            {title}
          </h2>
          {description && (
            <p id={`${id}-description`} className="text-sm text-muted">
              {description}
            </p>
          )}
        </div>
        {children && (
          <div className={cn('min-h-0 flex-1 overflow-y-auto', hideHeader ? undefined : 'px-5 pt-1 pb-5')}>
            {children}
          </div>
        )}
        {footer && (
          <div className="flex flex-wrap items-center justify-end gap-2 border-t border-line bg-subtle px-5 py-3 max-sm:pb-[max(0.75rem,env(safe-area-inset-bottom))] max-sm:[&_:is(a,button)]:flex-1">
            {footer}
          </div>
        )}
      </Body>
      {!hideHeader && (
        <button
          type="button"
          aria-label="Close"
          onClick={() => close.current(false)}
          className="absolute top-3 right-3 grid size-7 place-items-center rounded-md text-muted hover:bg-hover hover:text-fg pointer-coarse:size-10"
        >
          <X aria-hidden className="size-4" />
        </button>
      )}
    </dialog>
  )
}
