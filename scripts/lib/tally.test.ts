import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { closingLine, isGood, playwrightTally, readTally, vitestTally } from './tally'

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((each) => ({ status: each })),
})

describe('closing line', () => {
  it('names skipped tests only where there are any', () => {
    expect(closingLine({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed')
    expect(closingLine({ passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped')
  })
})

describe('tally', () => {
  it('counts each outcome of Vitest', () => {
    const report = {
      testResults: [file('passed', 'passed', 'passed', 'skipped', 'todo'), file('failed', 'failed')],
    }
    const failures = ['a file > a test']
    const skips = ['a file > a test', 'a file > a test']
    expect(vitestTally(report)).toEqual({ passed: 2, failed: 1, skipped: 2, failures, skips })
  })

  it('counts a file that broke off outside of its tests as one failure', () => {
    const report = { testResults: [file('failed'), file('failed', 'skipped', 'skipped')] }
    const failures = ['a file > outside of its tests', 'a file > outside of its tests']
    expect(vitestTally(report)).toMatchObject({ passed: 0, failed: 2, skipped: 2, failures })
  })

  it('counts each outcome of Playwright', () => {
    const stats = { expected: 5, unexpected: 1, flaky: 0, skipped: 2 }
    expect(playwrightTally({ stats })).toEqual({ passed: 5, failed: 1, skipped: 2 })
  })

  it('names what failed, and what it said', () => {
    const red = String.fromCharCode(27) + '[31m'
    const one = { status: 'failed', fullName: 'walls hold', failureMessages: [`${red}expected 1 to be 2`] }
    const whole = { name: 'b.test.ts', message: 'no database', ...file('failed') }
    const vitest = { testResults: [{ name: 'a.test.ts', status: 'failed', assertionResults: [one] }, whole] }
    expect(vitestTally(vitest).failures).toEqual([
      'a.test.ts > walls hold\nexpected 1 to be 2',
      'b.test.ts > outside of its tests\nno database',
    ])
    const specs = [
      {
        file: 'x.spec.ts',
        title: 'signs in',
        tests: [{ status: 'unexpected', results: [{ errors: [{ message: 'too late' }] }] }],
      },
    ]
    const stats = { expected: 5, unexpected: 1, flaky: 0, skipped: 0 }
    expect(playwrightTally({ stats, suites: [{ suites: [{ specs }] }] }).failures).toEqual([
      'e2e/x.spec.ts > signs in\ntoo late',
    ])
  })

  it('takes a missing or cut report, and a bad exit code without a failed test, for one failure', () => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-tally-'))
    const report = path.join(dir, 'report.json')
    expect(readTally(report, 0, vitestTally)).toEqual({ passed: 0, failed: 1, skipped: 0 })
    fs.writeFileSync(report, '{"testResults": [')
    expect(readTally(report, 0, vitestTally)).toEqual({ passed: 0, failed: 1, skipped: 0 })
    fs.writeFileSync(report, JSON.stringify({ testResults: [file('passed', 'passed')] }))
    expect(readTally(report, 1, vitestTally)).toEqual({ passed: 1, failed: 1, skipped: 0 })
    expect(readTally(report, 0, vitestTally)).toEqual({ passed: 1, failed: 0, skipped: 0 })
    fs.rmSync(dir, { recursive: true })
  })

  it('is not content with nothing', () => {
    expect(isGood({ passed: 0, failed: 0, skipped: 4 })).toBe(false)
    expect(isGood({ passed: 1, failed: 0, skipped: 4 })).toBe(true)
    expect(isGood({ passed: 1, failed: 1, skipped: 0 })).toBe(false)
  })
})
