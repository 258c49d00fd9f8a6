import { spawn } from 'node:child_process'
import path from 'node:path'

/** The folder that holds package.json. */
export const ROOT = path.resolve(import.meta.dirname, '../..')

const WINDOWS = process.platform === 'win32'

export interface RunOptions {
  env?: Record<string, string>
  /** Keep the output instead of showing it. */
  quiet?: boolean
}

export interface RunResult {
  /** 128 when a signal ended it, 127 when it could not be started. */
  code: number
  /** Both streams as they came; empty unless `quiet`. */
  output: string
  /** Milliseconds. */
  took: number
}

/** The path of a program that npm installed here; found without npx, which would offer to download a missing one. */
export const bin = (name: string) => path.join(ROOT, 'node_modules/.bin', WINDOWS ? `${name}.cmd` : name)

/** Runs a program in the root and waits for its end. Never throws: a program that cannot be started is code 127. */
export function run(command: string, args: string[], options: RunOptions = {}): Promise<RunResult> {
  const began = performance.now()
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', options.quiet ? 'pipe' : 'inherit', options.quiet ? 'pipe' : 'inherit'],
    shell: WINDOWS && command.endsWith('.cmd'),
  })
  let output = ''
  child.stdout?.on('data', (chunk) => (output += String(chunk)))
  child.stderr?.on('data', (chunk) => (output += String(chunk)))
  return new Promise((resolve) => {
    const end = (code: number, text = output) =>
      resolve({ code, output: text, took: performance.now() - began })
    child.on('error', (error) => end(127, `${output}${error.message}\n`))
    child.on('close', (code) => end(code ?? 128))
  })
}

/** @param ms milliseconds @returns as people say it: `4.2 s` */
export const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
