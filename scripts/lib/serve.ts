import { spawn, type ChildProcess } from 'node:child_process'
import path from 'node:path'
import { bin, ROOT, run } from './run'

/**
 * How the production server is run: a heap that V8 does not let grow just because the machine has memory to spare, and two
 * malloc arenas. Under load it then holds some 310 MB instead of 570, at the same speed (bench/README.md).
 */
export const SERVER = {
  args: ['--enable-source-maps', '--max-old-space-size=320'],
  env: { MALLOC_ARENA_MAX: '2' },
}

/**
 * Builds the production server if its sources changed, then starts it. Its output goes to this terminal; a signal that ends
 * this process ends it too.
 * @param env settings of the server beside those of this process
 */
export async function serve(env: Record<string, string>): Promise<ChildProcess> {
  const { code } = await run(bin('tsx'), ['scripts/build.ts'], {})
  if (code !== 0) process.exit(code)
  const server = spawn(process.execPath, [...SERVER.args, path.join('dist', 'server.mjs')], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...SERVER.env, ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', ...env },
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => server.kill('SIGTERM'))
  server.on('exit', (exitCode) => process.exit(exitCode ?? 1))
  return server
}
