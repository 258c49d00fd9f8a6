import fs from 'node:fs'
import path from 'node:path'
import { randomBytes } from 'node:crypto'
import { EnvError, type Env } from '@/server/platform/env'

const MIN_LENGTH = 32
const MIN_DIFFERENT = 10
const KNOWN =
  /change.?me|password|your.?secret|example|placeholder|default|supersecret|please|0123456789|abcdefghij/i

/**
 * The install's one secret, from which every key is derived: FREEHOLD_SECRET, else the file DATA_DIR/secret, made at the
 * first start (32 random bytes as base64url, mode 0600). Two processes that start at once get the same one.
 * @throws EnvError in production when FREEHOLD_SECRET is weak, and when the file is damaged
 */
export function loadSecret(env: Pick<Env, 'FREEHOLD_SECRET' | 'DATA_DIR' | 'NODE_ENV'>): string {
  if (!env.FREEHOLD_SECRET) return readOrCreate(path.join(env.DATA_DIR, 'secret'))
  if (env.NODE_ENV === 'production') refuseWeak(env.FREEHOLD_SECRET)
  return env.FREEHOLD_SECRET
}

function refuseWeak(secret: string): void {
  const advice = 'make one with: openssl rand -base64 33'
  if (secret.length < MIN_LENGTH) {
    throw new EnvError(`FREEHOLD_SECRET must have at least ${MIN_LENGTH} characters in production; ${advice}`)
  }
  if (new Set(secret).size < MIN_DIFFERENT || KNOWN.test(secret) || /^(.{1,11})\1+$/.test(secret)) {
    throw new EnvError(`FREEHOLD_SECRET is easy to guess; ${advice}`)
  }
}

function readOrCreate(file: string): string {
  if (!fs.existsSync(file)) create(file)
  const secret = fs.readFileSync(file, 'utf8').trim()
  if (secret.length < MIN_LENGTH) {
    throw new EnvError(`DATA_DIR/secret is damaged (${secret.length} characters): restore it from a backup`)
  }
  return secret
}

/** Writes a file of its own and links it into place: the name appears at once and whole, and the first process wins. */
function create(file: string): void {
  fs.mkdirSync(path.dirname(file), { recursive: true })
  const draft = `${file}.${process.pid}.${randomBytes(6).toString('hex')}`
  const fd = fs.openSync(draft, 'wx', 0o600)
  try {
    fs.writeSync(fd, randomBytes(32).toString('base64url') + '\n')
    fs.fsyncSync(fd)
    fs.linkSync(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    fs.closeSync(fd)
    fs.rmSync(draft, { force: true })
  }
}
