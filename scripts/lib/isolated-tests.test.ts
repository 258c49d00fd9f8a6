import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { isolatedTests } from './isolated-tests'

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'fh-isolated-'))
afterAll(() => fs.rmSync(root, { recursive: true }))
const write = (name: string, text: string) => {
  fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true })
  fs.writeFileSync(path.join(root, name), text)
}

describe('tests that need a process of their own', () => {
  it('change modules, or import a fixture that registers hooks when it is loaded', () => {
    write('a/plain.test.ts', "import { it } from 'vitest'\nbeforeAll(() => 1)\nvi.spyOn(x, 'y')")
    write('a/mocks.test.ts', "vi.mock('@/server/platform/log')")
    write('a/loads-anew.test.ts', '  vi.resetModules()')
    write('a/world.fixture.ts', 'beforeAll(async () => {})')
    write('a/things.fixture.ts', 'export function useThings() {\n  beforeAll(() => 1)\n}')
    write('a/near.test.ts', "import { world } from './world.fixture'")
    write('b/far.test.ts', "import { world } from '@/a/world.fixture'")
    write('b/things.test.ts', "import { useThings } from '@/a/things.fixture'")
    write('node_modules/x/mocks.test.ts', "vi.mock('y')")
    expect(isolatedTests(root).sort()).toEqual([
      'a/loads-anew.test.ts',
      'a/mocks.test.ts',
      'a/near.test.ts',
      'b/far.test.ts',
    ])
  })
})
