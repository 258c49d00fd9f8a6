// A process that uses the embedded server of a data directory until its stdin ends; see embedded.test.ts.
import { startEmbedded } from '@/server/platform/postgres/embedded'

const [dataDir = '', secret = ''] = process.argv.slice(2)
try {
  const server = await startEmbedded({ dataDir, secret, settings: { fsync: 'off' } })
  process.stdout.write(`port ${server.port}\n`)
  process.stdin.resume().on('end', () => void server.close().then(() => process.exit(0)))
} catch (error) {
  process.stdout.write(`error ${(error as Error).message}\n`)
}
