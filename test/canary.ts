import { createHash } from 'node:crypto'
import type { TenantKey } from '@/test/actors'

/**
 * Who may see a text: the letter of the tenant that owns it, or of a resource of the master's that is assigned to Acme (X)
 * or Bolt (Y), granted to Acme (G), public in a cloud that Acme added (K), or public (P).
 */
export type Audience = TenantKey | 'X' | 'Y' | 'G' | 'K' | 'P'

const PATTERN = /CNRY-([A-Z])-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi

/** The id that a label always gets: the same in every clone of the world. */
export function idOf(label: string): string {
  const hex = createHash('sha256').update(`freehold world ${label}`).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** A text that nobody but its audience may ever be shown. */
export const canary = (audience: Audience, label: string): string =>
  `CNRY-${audience}-${idOf(`canary ${label}`)}`

const SIGHT: Record<TenantKey, string> = { M: 'MXYGKP', A: 'AXGKP', B: 'BYP', C: 'C', E: 'E', N: 'P' }

/** Texts in `found` that somebody of this tenant must not see. `everything`: the master over all tenants. */
export function foreignCanaries(found: string, viewer: TenantKey | null, everything = false): string[] {
  const allowed = viewer === null ? '' : everything && viewer === 'M' ? 'MABCENXYGKP' : SIGHT[viewer]
  const hits = [...found.matchAll(PATTERN)].filter(
    ([, letter = '']) => !allowed.includes(letter.toUpperCase()),
  )
  return [...new Set(hits.map(([text]) => text))]
}

/** All canaries in a text: shows that a positive twin really had data. */
export const canariesIn = (found: string): number => [...found.matchAll(PATTERN)].length
