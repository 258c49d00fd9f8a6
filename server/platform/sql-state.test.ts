import { DriverAdapterError } from '@prisma/driver-adapter-utils'
import { describe, expect, test } from 'vitest'
import { errorBody } from '@/server/rpc/errors'
import { sqlStateOf } from './sql-state'

describe('what a database error says it is', () => {
  const shutdown = { originalCode: '57P01', kind: 'postgres', code: '57P01' } as never

  test('by PostgreSQL, by Prisma around it, and by the adapter alone', () => {
    expect(sqlStateOf(Object.assign(new Error('x'), { code: '23505' }))).toBe('23505')
    const raw = { code: 'P2010', meta: { driverAdapterError: { cause: { originalCode: '40001' } } } }
    expect(sqlStateOf(raw)).toBe('40001')
    expect(sqlStateOf(new DriverAdapterError(shutdown))).toBe('57P01')
    expect(sqlStateOf(new DriverAdapterError({ kind: 'ConnectionClosed' }))).toBe('P1017')
    for (const nothing of [null, 'no', new Error('x'), new Error('x', { cause: null }), { code: 5 }])
      expect(sqlStateOf(nothing)).toBe('')
  })

  test('R04 a server that goes while a transaction ends is away, not broken', () => {
    expect(errorBody(new DriverAdapterError(shutdown))).toMatchObject({ error: 'unavailable', status: 503 })
    const other = { originalCode: '42P01', kind: 'postgres', code: '42P01' } as never
    expect(errorBody(new DriverAdapterError(other))).toMatchObject({ error: 'internal', status: 500 })
  })
})
