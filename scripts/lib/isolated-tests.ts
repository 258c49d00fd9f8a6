import fs from 'node:fs'
import path from 'node:path'

/** What a test file does to modules or registers by importing them: it would last into the next file of the same process. */
const CHANGES_MODULES = /\bvi\.(?:mock|doMock|resetModules)\(/
/** At the left margin: what a function of the fixture registers, it does for the file that calls it. */
const HAS_HOOKS = /^(?:beforeAll|beforeEach|afterAll|afterEach)\(/m
const FIXTURE = /from '([^']+\.fixture)'/g

const resolve = (root: string, file: string, name: string): string =>
  `${name.startsWith('@/') ? path.join(root, name.slice(2)) : path.resolve(path.dirname(file), name)}.ts`

/** Whether a test file needs a process of its own: it changes modules, or a fixture that it imports registers hooks when it is loaded. */
function needsIsolation(root: string, file: string): boolean {
  const text = fs.readFileSync(file, 'utf8')
  if (CHANGES_MODULES.test(text)) return true
  return [...text.matchAll(FIXTURE)].some(([, name = '']) => {
    const fixture = resolve(root, file, name)
    return fs.existsSync(fixture) && HAS_HOOKS.test(fs.readFileSync(fixture, 'utf8'))
  })
}

const LEFT_OUT = new Set(['node_modules', 'generated', 'data', 'dist', 'e2e', 'public', 'coverage'])

/** Test files below `root` that need a process of their own, relative to it, with slashes. */
export function isolatedTests(root: string): string[] {
  const inside = (dir: string): string[] =>
    fs.readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
      if (entry.name.startsWith('.') || LEFT_OUT.has(entry.name)) return []
      const at = path.join(dir, entry.name)
      if (entry.isDirectory()) return inside(at)
      return /\.test\.tsx?$/.test(entry.name) && needsIsolation(root, at) ? [at] : []
    })
  return inside(root).map((file) => path.relative(root, file).split(path.sep).join('/'))
}
