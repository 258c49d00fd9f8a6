import { describe, expect, test } from 'vitest'
import { ensureIncus, startIncus } from '@/test/incus'
import type { Transport } from '../contract'
import { INCUS } from '.'
import { contextOf, daemonSuite } from './incus.fixture'
import { bytesOf, coresOf } from './instance'

test('reads sizes and sets of processors', () => {
  expect(['64MiB', '10GB', '5', '50%', '', '1XB'].map(bytesOf)).toEqual([
    2 ** 26,
    1e10,
    5,
    undefined,
    undefined,
    undefined,
  ])
  expect(['2', '0-3,6', '', '0', '4-1'].map(coresOf)).toEqual([2, 5, undefined, undefined, undefined])
})

test('a server that is none of Incus is told from one', async () => {
  const transport = (text: string, status = 200) =>
    ({
      request: async () => ({ status, statusText: '', headers: {}, body: Buffer.from(text) }),
    }) as unknown as Transport
  await expect(INCUS.test(contextOf(transport('<html>')))).rejects.toMatchObject({ code: 'wrong_server' })
  await expect(INCUS.test(contextOf(transport('{"data":1}')))).rejects.toMatchObject({ code: 'wrong_server' })
  const failing = '{"type":"error","error":"a secret","metadata":null}'
  const error = await INCUS.test(contextOf(transport(failing, 500))).catch((caught: Error) => caught)
  expect(error).toMatchObject({
    code: 'server_error',
    message: expect.not.stringContaining('secret') as string,
  })
})

describe.skipIf(!ensureIncus())('Incus', () =>
  daemonSuite({
    name: 'Incus',
    command: 'incus',
    taken: /name/,
    elsewhere: 'forbidden',
    showsPools: false,
    start: startIncus,
  }),
)
