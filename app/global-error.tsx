'use client'

import { ErrorState } from '@/ui/error-state'
import './globals.css'

export default function GlobalError({ error }: { error: Error & { digest?: string } }) {
  return (
    <html lang="en">
      <body>
        <title>Something went wrong · Freehold</title>
        <ErrorState kind="error" requestId={error.digest} />
      </body>
    </html>
  )
}
