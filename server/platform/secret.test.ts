import { spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { deriveKey, hmac, randomToken, sha256, timingSafeEqualText } from '@/server/platform/crypto'
import { loadSecret } from '@/server/platform/secret'

let dir: string
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'fh-secret-'))
})
afterEach(() => fs.rmSync(dir, { recursive: true, force: true }))

const load = (secret?: string, mode: 'production' | 'development' = 'production') =>
  loadSecret({ FREEHOLD_SECRET: secret, DATA_DIR: path.join(dir, 'data'), NODE_ENV: mode })

/** Runs loadSecret in a process of its own and answers what it printed. */
function loadElsewhere(): Promise<string> {
  const code = `import { loadSecret } from '@/server/platform/secret'
    process.stdout.write(loadSecret({ DATA_DIR: ${JSON.stringify(path.join(dir, 'data'))}, NODE_ENV: 'production', FREEHOLD_SECRET: undefined }))`
  const script = path.join(process.cwd(), '.tmp', `secret-${process.pid}-${randomToken('', 4)}.ts`)
  fs.mkdirSync(path.dirname(script), { recursive: true })
  fs.writeFileSync(script, code)
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let out = ''
    child.stdout.on('data', (chunk) => (out += String(chunk)))
    child.on('error', reject)
    child.on('close', () => {
      fs.rmSync(script, { force: true })
      resolve(out)
    })
  })
}

describe('loadSecret', () => {
  it('makes a secret once, readable by its owner only', () => {
    const first = load()
    expect(first).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(load()).toBe(first)
    const file = path.join(dir, 'data', 'secret')
    expect(fs.statSync(file).mode & 0o777).toBe(0o600)
    expect(fs.readdirSync(path.dirname(file))).toEqual(['secret'])
  })

  it('gives processes that start at once the same secret', async () => {
    const [a, b, c] = await Promise.all([loadElsewhere(), loadElsewhere(), loadElsewhere()])
    expect(a).toHaveLength(43)
    expect([b, c]).toEqual([a, a])
  }, 20_000)

  it.each([
    'short',
    'a'.repeat(40),
    'abc123'.repeat(8),
    'changeme-changeme-changeme-changeme!',
    'x'.repeat(31),
  ])('refuses weak secrets in production: %s', (secret) => {
    let message = ''
    try {
      load(secret)
    } catch (error) {
      message = (error as Error).message
    }
    expect(message).toMatch(/^FREEHOLD_SECRET [^\n]+$/)
    expect(message).not.toContain(secret)
    expect(load(secret, 'development')).toBe(secret)
  })

  it('takes a good one, and refuses a damaged file', () => {
    const good = randomToken('', 33)
    expect(load(good)).toBe(good)
    fs.mkdirSync(path.join(dir, 'data'))
    fs.writeFileSync(path.join(dir, 'data', 'secret'), 'half')
    expect(() => load()).toThrow(/DATA_DIR\/secret is damaged/)
  })
})

describe('crypto', () => {
  it('derives stable, unrelated keys', () => {
    expect(deriveKey('s', 'a')).toEqual(deriveKey('s', 'a'))
    expect(deriveKey('s', 'a')).not.toEqual(deriveKey('s', 'b'))
    expect(deriveKey('s', 'a', 64)).toHaveLength(64)
  })

  it('hashes, signs, compares and makes tokens', () => {
    expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    expect(hmac('key', 'The quick brown fox jumps over the lazy dog')).toMatch(/^f7bc83f4/)
    expect(timingSafeEqualText('abc', 'abc')).toBe(true)
    expect(timingSafeEqualText('abc', 'abcd')).toBe(false)
    expect(randomToken('fha_')).toMatch(/^fha_[A-Za-z0-9_-]{43}$/)
  })
})
