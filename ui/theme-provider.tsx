'use client'
import { ThemeProvider as NextThemes } from 'next-themes'
import type { ReactNode } from 'react'

/** Light, dark or the system's theme, kept in localStorage; sets `class="dark"` on <html> (which needs suppressHydrationWarning). */
export function ThemeProvider({
  nonce,
  children,
}: {
  /** Of the Content-Security-Policy. */ nonce?: string
  children: ReactNode
}) {
  return (
    <NextThemes
      attribute="class"
      defaultTheme="system"
      enableSystem
      enableColorScheme={false}
      storageKey="freehold:theme"
      nonce={nonce}
    >
      {children}
    </NextThemes>
  )
}
