import { GeistMono } from 'geist/font/mono'
import { GeistSans } from 'geist/font/sans'
import type { Metadata, Viewport } from 'next'
import { headers } from 'next/headers'
import type { ReactNode } from 'react'
import { resolveTenant } from '@/lib/host'
import { NONCE_HEADER, PATH_HEADER } from '@/lib/request-headers'
import { siteConfig } from '@/server/context/site'
import { ThemeProvider } from '@/ui/theme-provider'
import { Toaster } from '@/ui/toaster'
import './globals.css'

export const metadata: Metadata = {
  title: { default: 'Freehold', template: '%s · Freehold' },
  robots: { index: false, follow: false },
}
export const viewport: Viewport = { width: 'device-width', initialScale: 1 }

export default async function RootLayout({ children }: { children: ReactNode }) {
  const h = await headers()
  const host = resolveTenant(h.get('host'), h.get(PATH_HEADER) ?? '/', siteConfig())
  const prefix = host.kind === 'tenant' ? host.prefix : ''
  return (
    <html
      lang="en"
      data-prefix={prefix}
      className={`${GeistSans.variable} ${GeistMono.variable}`}
      suppressHydrationWarning
    >
      <body>
        <ThemeProvider nonce={h.get(NONCE_HEADER) ?? undefined}>
          {children}
          <Toaster />
        </ThemeProvider>
      </body>
    </html>
  )
}
