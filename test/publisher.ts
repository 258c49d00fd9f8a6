import { createHash, createPrivateKey, randomUUID } from 'node:crypto'
import { issueKey, type licencePayload, rawPublic } from '@/server/features/licence/key'
import type { z } from 'zod'
import { idOf } from '@/test/canary'

/** The publisher of licence keys that tests trust: its private key is made of a name, so there is no secret to keep. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const seed = createHash('sha256').update('the publisher of the tests of Freehold').digest()
/** Its private key. */
export const TEST_PUBLISHER_KEY = createPrivateKey({
  key: Buffer.concat([PKCS8, seed]),
  format: 'der',
  type: 'pkcs8',
})

/** As LICENCE_PUBLIC_KEYS takes it. */
export const TEST_PUBLISHER = rawPublic(TEST_PUBLISHER_KEY)

/** The trial that the world began with. */
export const LICENCE = idOf('licence')

const DAY_MS = 86_400_000

/** A licence key for this installation: Enterprise for a year, as many hosts as one likes, where nothing else is said. */
export function licenceKey(install: string, more: Partial<z.input<typeof licencePayload>> = {}): string {
  return issueKey(
    {
      id: randomUUID(),
      install,
      customer: 'Northwind MSP',
      plan: 'enterprise',
      capabilities: ['multi_tenant', 'sso'],
      hosts: null,
      startsAt: new Date(Date.now() - DAY_MS).toISOString(),
      expiresAt: new Date(Date.now() + 365 * DAY_MS).toISOString(),
      ...more,
    },
    TEST_PUBLISHER_KEY,
  )
}
