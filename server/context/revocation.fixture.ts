import { type ChildProcess, spawn } from 'node:child_process'
import http from 'node:http'
import os from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { inject } from 'vitest'
import type { World } from '@/test/world'
import { freePort } from '@/test/free-port'

/** A process of its own that serves everything but pages, on the database of a test world. */
export interface AppProcess {
  /** @param input of a mutation; a query without */
  call: (host: string, cookie: string, name: string, input?: unknown) => Promise<number>
  /** Opens a live page. @returns its status and, once it has ended, when (as performance.now()) */
  live: (host: string, cookie: string) => Promise<{ status: number; ended: Promise<number> }>
  stop: () => Promise<void>
}

export async function startApp(world: World): Promise<AppProcess> {
  const port = await freePort()
  const env: NodeJS.ProcessEnv = {
    NODE_ENV: 'development',
    PATH: process.env.PATH,
    HOME: os.tmpdir(),
    DATA_DIR: os.tmpdir(),
    DATABASE_URL: world.database.adminUrl,
    FREEHOLD_SECRET: inject('testServer').secret,
    PORT: String(port),
    LOG_LEVEL: 'error',
  }
  const child = spawn(process.execPath, ['--import', 'tsx', 'server/start.fixture.ts'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await ready(child)
  const agent = new http.Agent({ keepAlive: true })
  const send = (host: string, cookie: string, path: string, body?: string): Promise<http.IncomingMessage> =>
    new Promise((resolve, reject) => {
      const headers: http.OutgoingHttpHeaders = { host: `${host}:${port}`, cookie }
      if (body !== undefined)
        Object.assign(headers, { 'content-type': 'application/json', origin: `http://${host}:${port}` })
      const method = body === undefined ? 'GET' : 'POST'
      const request = http.request({ host: '127.0.0.1', port, path, method, headers, agent }, resolve)
      request.on('error', reject).end(body)
    })
  return {
    call: async (host, cookie, name, input) => {
      const body = input === undefined ? undefined : JSON.stringify(input)
      const answer = await send(host, cookie, `/api/trpc/${name}`, body)
      answer.resume()
      return answer.statusCode ?? 0
    },
    live: async (host, cookie) => {
      const answer = await send(host, cookie, '/api/events')
      const ended = new Promise<number>((resolve) => answer.once('close', () => resolve(performance.now())))
      answer.resume()
      return { status: answer.statusCode ?? 0, ended }
    },
    stop: async () => {
      agent.destroy()
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await Promise.race([gone, sleep(10_000)])
      child.kill('SIGKILL')
    },
  }
}

async function ready(child: ChildProcess): Promise<void> {
  let said = ''
  child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  while (!said.includes('Freehold is ready')) {
    if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${said}`)
    await sleep(50)
  }
}
