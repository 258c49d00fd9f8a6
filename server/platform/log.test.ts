import { expect, it } from 'vitest'
import { createLogger } from '@/server/platform/log'

function capture() {
  const lines: string[] = []
  const logger = createLogger('debug', { write: (line) => void lines.push(line) })
  return { logger, lines, last: () => JSON.parse(lines.at(-1) ?? '') as Record<string, unknown> }
}

it('writes one JSON line an event, with a word for the level and a time', () => {
  const { logger, lines, last } = capture()
  logger.info({ requestId: 'r', tenant: 'acme', actor: 'u', status: 200 }, 'request')
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(/^\{.*\}\n$/)
  expect(last()).toMatchObject({
    level: 'info',
    service: 'freehold',
    requestId: 'r',
    tenant: 'acme',
    actor: 'u',
    msg: 'request',
  })
  expect(Number.isNaN(Date.parse(String(last().time)))).toBe(false)
})

it('encodes what would forge a line or drive a terminal', () => {
  const { logger, lines, last } = capture()
  const evil = 'a\n{"level":"fatal"}\r\u001b[31m\u0000\u007f\u009b2J\u2028\u2029z'
  logger.warn({ path: evil }, evil)
  expect(lines[0]?.trimEnd()).toMatch(/^[\u0020-\u007e]+$/)
  expect(last()).toMatchObject({ path: evil, msg: evil })
})

it('L06 masks secrets however deep, and keeps codes', () => {
  const { logger, lines, last } = capture()
  logger.info(
    {
      body: { user: { password: 'CNRY' } },
      headers: { authorization: 'CNRY', cookie: 'fh=CNRY' },
      code: 'not_found',
    },
    'x',
  )
  expect(lines[0]).not.toContain('CNRY')
  expect(last().code).toBe('not_found')
})

it('L06 tells what an error is, not the values that hang on it', () => {
  const { logger, lines, last } = capture()
  const cause = Object.assign(new Error('duplicate key'), {
    code: '23505',
    detail: 'Key (email)=(CNRY) exists',
    parameters: ['CNRY'],
  })
  const error = Object.assign(new Error('create failed', { cause }), {
    meta: { password: 'CNRY' },
    config: { url: 'CNRY' },
  })
  logger.error({ err: error, requestId: 'r' }, 'request failed')
  expect(lines[0]).not.toContain('CNRY')
  expect(last()).toMatchObject({
    err: { type: 'Error', message: 'create failed', cause: { code: '23505', message: 'duplicate key' } },
  })
  expect(JSON.stringify(last().err)).toContain('log.test.ts')
  logger.error({ err: 'a string' }, 'request failed')
  expect(last().err).toBe('a string')
})
