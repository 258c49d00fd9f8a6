import type { ReactNode } from 'react'
import { CopyButton } from './copy-button'

export type ErrorKind = 'not-found' | 'forbidden' | 'error' | 'licence' | 'feature-off' | 'offline'

const TEXT: Record<ErrorKind, { code: string; title: string; text: string }> = {
  'not-found': {
    code: '404',
    title: 'There is nothing here',
    text: 'The page or item does not exist, or it is not visible to you.',
  },
  forbidden: {
    code: '403',
    title: 'You may not do this',
    text: 'Your role does not include it. An administrator of this tenant can change that.',
  },
  error: {
    code: '500',
    title: 'Something went wrong',
    text: 'The request failed on our side. Nothing was changed. Try again in a moment.',
  },
  licence: {
    code: '402',
    title: 'This needs a licence',
    text: 'What exists stays readable. Creating and enabling wait for a valid licence.',
  },
  'feature-off': {
    code: '501',
    title: 'This is not switched on',
    text: 'The feature is not enabled on this server.',
  },
  offline: {
    code: '',
    title: 'No connection',
    text: 'The server cannot be reached. The page tries again by itself.',
  },
}

type Props = {
  kind: ErrorKind
  title?: ReactNode
  children?: ReactNode
  /** A way on: back to the list, try again. */
  action?: ReactNode
  /** Shown to quote it to support. */
  requestId?: string
  /** The heading's level: 1 when the page has no other header. */
  level?: 1 | 2
}

/** A page (or part of one) that could not be shown. */
export function ErrorState({ kind, title, children, action, requestId, level = 1 }: Props) {
  const text = TEXT[kind]
  const Heading = level === 1 ? 'h1' : 'h2'
  return (
    <div className="mx-auto grid max-w-md justify-items-center gap-4 px-4 py-16 text-center">
      {text.code && (
        <p
          aria-hidden
          className="bg-linear-to-b from-faint to-line-strong bg-clip-text font-mono text-[4.5rem] leading-none font-semibold tracking-tighter text-transparent select-none"
        >
          {text.code}
        </p>
      )}
      <div className="grid gap-1.5">
        <Heading className="text-xl font-semibold tracking-tight">{title ?? text.title}</Heading>
        <div className="text-sm text-balance text-muted">{children ?? text.text}</div>
      </div>
      {action && <div className="flex flex-wrap justify-center gap-2">{action}</div>}
      {requestId && (
        <p className="flex items-center gap-1 text-xs text-muted">
          Request <code className="font-mono">{requestId}</code>
          <CopyButton value={requestId} label="request id" />
        </p>
      )}
    </div>
  )
}
