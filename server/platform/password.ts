import { availableParallelism } from 'node:os'
import { hash, verify } from '@node-rs/argon2'
import { AppError } from '@/server/platform/errors'

/** OWASP's first choice for argon2id: 19 MiB, two passes, one lane; about 20 ms. The library's algorithm is argon2id. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** Of a random password that nobody has, made with COST: checked where there is nobody, so that it takes as long (C03). */
const NOBODY =
  '$argon2id$v=19$m=19456,t=2,p=1$cCme00al+c3MRDane0Fyfg$siCN7RVuhnVSDR7mt01Eal7vZQB73hiKrptx3welGaY'

// One hash keeps a core busy: more at a time would only make each slower, and everything else with them.
const MAX_RUNNING = Math.max(1, Math.min(4, availableParallelism()))
const MAX_WAITING = 200
let running = 0
const waiting: (() => void)[] = []

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running < MAX_RUNNING) running++
  else if (waiting.length < MAX_WAITING) await new Promise<void>((resolve) => waiting.push(resolve))
  else throw new AppError('unavailable', 'Too many people are signing in right now. Try again in a moment.')
  try {
    return await work()
  } finally {
    const next = waiting.shift() // hands its place over, so that nobody slips in between
    if (next) next()
    else running--
  }
}

// The same characters may reach us composed or not, by keyboard and system (NIST SP 800-63B, 5.1.1.2).
const normal = (password: string): string => password.normalize('NFKC')

/** The argon2id hash of a password, in PHC format. @throws AppError 503 when too many wait */
export function hashPassword(password: string): Promise<string> {
  return inTurn(() => hash(normal(password), COST))
}

/**
 * Whether the password belongs to the hash. Null: there is nobody to compare with; takes as long and is false.
 * @throws AppError 503 when too many wait
 */
export async function verifyPassword(passwordHash: string | null, password: string): Promise<boolean> {
  const matches = await inTurn(() => verify(passwordHash ?? NOBODY, normal(password)))
  return matches && passwordHash !== null
}
