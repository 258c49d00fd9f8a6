import type { NextConfig } from 'next'

const config: NextConfig = {
  poweredByHeader: false,
  compress: true,
  productionBrowserSourceMaps: false,
  // The optimiser fetches what it is told to: off, as nothing here needs it.
  images: { unoptimized: true },
  // `npm run check` runs tsc over everything; a second time here would make a first start twice as long.
  typescript: { ignoreBuildErrors: true },
  experimental: {
    // forbidden(): a page that refuses answers 403.
    authInterrupts: true,
  },
  serverExternalPackages: [
    'pg',
    'graphile-worker',
    '@node-rs/argon2',
    'pino',
    '@prisma/client',
    '@prisma/adapter-pg',
    // asks for its polyfill to be loaded before it, which a bundle does not do
    '@peculiar/x509',
    'reflect-metadata',
  ],
  // Development only: each tenant's page may load the dev server's files.
  allowedDevOrigins: ['localhost', '*.localhost', '127.0.0.1'],
  headers: () =>
    Promise.resolve([
      { source: '/:path*', headers: [{ key: 'X-Content-Type-Options', value: 'nosniff' }] },
      // A static file says nothing about who asks, and its name changes with its content.
      {
        source: '/_next/static/:path*',
        headers: [{ key: 'Cross-Origin-Resource-Policy', value: 'same-origin' }],
      },
    ]),
}

export default config
