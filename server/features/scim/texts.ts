import { z } from 'zod'
import { normaliseUsername } from '@/lib/login-name'
import { EMAIL } from '@/server/features/identity/claims'
import { badValue } from './scim-error'

/** Whether it can be one of our ids. */
export const isId = (id: string): boolean => z.uuid().safeParse(id).success

/** A text on one line: no control or direction characters, which could forge a line somewhere. @throws ScimError 400 */
export function lineOf(value: unknown, name: string, max: number): string {
  if (value === null || value === undefined) return ''
  if (typeof value !== 'string') throw badValue(`${name} is a text`)
  const text = value.replace(/\p{C}/gu, ' ').trim()
  if (text.length > max) throw badValue(`${name} has at most ${max} characters`)
  return text
}

/** As it is compared: what is no username fits nobody. */
export const normalUserName = (text: string): string => normaliseUsername(text) ?? text

/** As it is stored. @throws ScimError 400 */
export function userNameOf(value: unknown): string {
  const username = typeof value === 'string' ? normaliseUsername(value.trim()) : null
  if (username !== null) return username
  throw badValue('userName has 1 to 64 of a-z, 0-9 and . _ @ + -, and begins with a letter or digit')
}

/** Empty: none. @throws ScimError 400 */
export function emailOf(value: unknown): string {
  const email = lineOf(value, 'An e-mail address', 254)
  if (email !== '' && !EMAIL.test(email)) throw badValue('An e-mail address looks like ada@example.com')
  return email
}

/** What the directory calls somebody; null: nothing. @throws ScimError 400 */
export function externalIdOf(value: unknown): string | null {
  if (value === null || value === undefined || value === '') return null
  if (typeof value !== 'string') throw badValue('externalId is a text')
  if (value.length > 255 || /\p{Cc}/u.test(value))
    throw badValue('externalId has at most 255 characters and no control characters')
  return value
}

/** Also Entra ID's "True" and "False". @throws ScimError 400 */
export function activeOf(value: unknown): boolean {
  if (typeof value === 'boolean') return value
  const word = typeof value === 'string' ? value.toLowerCase() : ''
  if (word === 'true' || word === 'false') return word === 'true'
  throw badValue('active is true or false')
}
