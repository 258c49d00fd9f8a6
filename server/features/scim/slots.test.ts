import { describe, expect, it } from 'vitest'
import { AppError } from '@/server/platform/errors'
import { inSlot } from './slots'

describe('calls of directories', () => {
  it('I05 are two at a time of a connection and three in all; the next is told to come again in a second', async () => {
    const ends: (() => void)[] = []
    const begin = (connection: string) =>
      inSlot(connection, () => new Promise<string>((resolve) => ends.push(() => resolve('done'))))
    const refused = async (connection: string) => {
      const error: unknown = await inSlot(connection, () => Promise.resolve('done')).catch((e: unknown) => e)
      return error instanceof AppError ? [error.code, error.details.retryAfter] : error
    }
    const held = [begin('a'), begin('a')]
    expect(await refused('a')).toEqual(['rate_limited', 1])
    expect(await refused('b')).toBe('done')
    held.push(begin('b'))
    expect(await refused('c')).toEqual(['rate_limited', 1])
    for (const end of ends) end()
    expect(await Promise.all(held)).toEqual(['done', 'done', 'done'])
    const failing = inSlot('a', () => Promise.reject(new Error('no')))
    await expect(failing).rejects.toThrow('no')
    for (const connection of ['a', 'b', 'c']) expect(await refused(connection)).toBe('done')
  })
})
