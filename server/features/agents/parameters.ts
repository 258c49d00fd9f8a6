import { sha256 } from '@/server/platform/crypto'

/** Parameters by name, as the machine's profiles and its own come to. */
export type Parameters = Readonly<Record<string, string>>

/** Bytes of the file at most: an agent reads 64 KiB of an answer, and base64 makes a third more of it. */
const PARAMETERS_BYTES = 32_768
const REVISION_CHARS = 16

/** One `name=value` a line, by name; in a value `\\` stands for a backslash and `\n` for the end of a line. */
export function parametersText(parameters: Parameters): string {
  const lines = Object.entries(parameters)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')}\n`)
  return lines.join('')
}

const revisionOf = (text: string): string => sha256(text).slice(0, REVISION_CHARS)

/** Whether they are too many for an agent to take: it then keeps those it has. */
export const areTooMany = (parameters: Parameters): boolean =>
  Buffer.byteLength(parametersText(parameters)) > PARAMETERS_BYTES

/**
 * The word of an answer that hands a machine its parameters: `parameters <revision> <base64>`.
 * @param known the revision that the machine says it has; undefined: none yet
 * @returns null when there is nothing to say: it has these, or never had any and has none, or they are too many
 */
export function parametersWord(parameters: Parameters, known: string | undefined): string | null {
  const text = parametersText(parameters)
  const revision = revisionOf(text)
  if (known === revision || (known === undefined && text === '') || areTooMany(parameters)) return null
  return `parameters ${revision} ${Buffer.from(text).toString('base64')}`
}
