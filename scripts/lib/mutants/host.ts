import http from 'node:http'
import path from 'node:path'
import fc from 'fast-check'
import { it } from 'vitest'
import { ROOT } from '../run'
import { NOT_OF_RIGHTS } from './mutant'
import { installMutants } from './runtime'
import type { Order, Report } from './session'
import { collect, play, type Result } from './stage'

// The one "test" of a process that hunts mutants: loads the product and its suites once, then runs what it is told.

const address = process.env.FREEHOLD_MUTANTS_ADDRESS ?? ''
const files = JSON.parse(process.env.FREEHOLD_MUTANTS_FILES ?? '[]') as string[]

/** Says what became of the last order and waits for the next, however long. */
function tell(report: Report): Promise<Order> {
  return new Promise((resolve, reject) => {
    // a connection of its own each time: one kept open is closed by the parent while a test keeps this process busy
    const request = http.request(address, { method: 'POST', agent: false }, (answer) => {
      let body = ''
      answer.on('data', (chunk) => (body += String(chunk)))
      answer.on('end', () => resolve(JSON.parse(body) as Order))
    })
    request.on('error', reject)
    request.end(JSON.stringify(report))
  })
}

it('hunts', { timeout: 2 ** 31 - 1 }, async () => {
  // that something is wrong is enough: the shortest way to it would take minutes
  fc.configureGlobal({ endOnFailure: true })
  const mutants = installMutants(process.env.FREEHOLD_TEST_MUTANT ?? '')
  const suites = new Map<string, Awaited<ReturnType<typeof collect>>>()
  let broken: string | undefined
  for (const file of files) {
    try {
      suites.set(file, await collect(() => import(/* @vite-ignore */ path.join(ROOT, file))))
    } catch (error) {
      broken ??= `${file}: ${(error as Error).message}`
    }
  }
  let report: Report = { loaded: [...mutants.touched], broken }
  for (;;) {
    const order = await tell(report)
    if (order.do === 'end') return
    mutants.on = order.id ?? ''
    process.env.FREEHOLD_TEST_MUTANT_SQL = order.sql ? JSON.stringify(order.sql) : ''
    const results: Result[] = []
    const wanted = order.tests && new Set(order.tests)
    const onResult = (result: Result): boolean => {
      results.push(wanted ? { ...result, touched: [] } : result)
      return wanted === undefined || result.passed
    }
    const inOrder = wanted ? [...new Set(order.tests?.map((key) => key.split(' > ')[0] ?? ''))] : files
    for (const file of inOrder) {
      const suite = suites.get(file)
      if (
        suite &&
        !(await play(
          file,
          suite,
          (key) => wanted?.has(key) ?? !NOT_OF_RIGHTS.test(key),
          mutants.touched,
          onResult,
        ))
      )
        break
    }
    report = { results }
  }
})
