import type { OpContext } from '@/server/context/op'
import { database } from '@/server/db/runtime'
import { systemValue } from '@/server/db/system'
import type { SetupInput } from '@/server/features/setup/setup.schema'
import { deriveKey, hmac } from '@/server/platform/crypto'
import { invalidField, notFound } from '@/server/platform/errors'
import { hashPassword } from '@/server/platform/password'
import { passwordProblem } from '@/server/platform/password-policy'
import { assertWithin, bucketOf, networkOf, QUARTER_HOUR } from '@/server/platform/rate-limit'
import { createHash } from 'node:crypto'

/** What the trial of a new installation gives (PRODUCT rule 14). */
const TRIAL = { days: 30, hosts: 100 }

/** Without letters and digits that look alike. 31 of them, 16 places: 79 bits. */
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ'
const PLACES = 16

interface InstallState {
  setupDone: boolean
  installId: string
}

/**
 * The one-time code of the set-up page, for the terminal, or null once set-up is done. Derived from the installation's secret
 * and id, so that all processes of an installation print the same one and a restart does not void what was copied.
 */
export async function prepareSetup(): Promise<string | null> {
  const { setupDone, installId } = await systemValue<InstallState, 'install_state'>('install_state', [])
  if (setupDone) return null
  const code = codeOf(installId)
  const stored = await systemValue<boolean, 'setup_code'>('setup_code', [hashOf(code)])
  return stored ? (code.match(/.{4}/g) ?? []).join('-') : null
}

function codeOf(installId: string): string {
  const digits = hmac(deriveKey(database().key.toString('hex'), 'set-up code'), installId)
  let rest = BigInt(`0x${digits}`)
  let code = ''
  for (let i = 0; i < PLACES; i++) {
    code += ALPHABET[Number(rest % BigInt(ALPHABET.length))]
    rest /= BigInt(ALPHABET.length)
  }
  return code
}

/** Blanks, hyphens and lower case are how people copy a code. */
function hashOf(typed: string): Buffer {
  const code = typed.toUpperCase().replace(/[^A-Z0-9]/g, '')
  return createHash('sha256').update(code).digest()
}

/**
 * First-run set-up, once: names the master tenant, makes its first Super Admin, starts the trial. On the main host only.
 * @throws AppError 404 for ever after, 429, 400 with what is wrong
 */
export async function finishSetup(op: OpContext, input: SetupInput): Promise<{ username: string }> {
  if (op.setupDone || op.host.kind !== 'master') throw notFound()
  await assertWithin({ bucket: bucketOf('setup', networkOf(op.ip)), seconds: QUARTER_HOUR, attempts: 10 })
  const problem = passwordProblem(input.password, input)
  if (problem !== null) throw invalidField('password', problem)
  const { username, email, firstName, lastName } = input
  const user = { username, email, firstName, lastName }
  const args = [hashOf(input.code), input.organisation, user, await hashPassword(input.password)] as const
  const userId = await systemValue<string | null, 'setup_finish'>('setup_finish', [
    ...args,
    TRIAL.days,
    TRIAL.hosts,
  ])
  if (userId === null) throw invalidField('code', 'This is not the code that stands in the terminal.')
  if (op.call) op.call.audited = true // wall.setup_finish wrote the row
  return { username }
}
