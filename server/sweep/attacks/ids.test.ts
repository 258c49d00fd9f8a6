import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'

// Each attack of the plan (docs/security) has a test whose title begins with its id, or stands in the list of pending ones.

const ROOT = path.resolve(import.meta.dirname, '../../..')
const PENDING = path.join(ROOT, 'docs/security/pending-attacks.txt')
/** The list is this long (A, B, K: what no part is built for); it only shrinks. */
const MOST_PENDING = 4

const range = (letter: string, from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `${letter}${String(from + i).padStart(2, '0')}`)
const WANTED = [
  ...range('A', 1, 22),
  ...range('B', 1, 16),
  ...range('C', 1, 19),
  ...range('D', 1, 16),
  ...range('E', 1, 18),
  ...range('F', 1, 20),
  ...range('K', 1, 21),
  ...range('R', 2, 6),
]

/** Ids at the beginning of a title: 'A01 …', "B09: …", 'K06 L05 …'. */
function titlesIn(source: string): string[] {
  return [...source.matchAll(/['"`]((?:[A-LR]\d\d(?:[ :,]+|(?=['"`])))+)/g)].flatMap(
    ([, ids = '']) => ids.match(/[A-LR]\d\d/g) ?? [],
  )
}

function tested(): Set<string> {
  const files = ['server', 'e2e', 'lib'].flatMap((folder) =>
    fs.existsSync(path.join(ROOT, folder))
      ? fs
          .readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
          .map((file) => path.join(folder, file))
      : [],
  )
  const tests = files.filter((file) => /\.(test|spec)\.tsx?$/.test(file) && !file.endsWith('ids.test.ts'))
  return new Set(tests.flatMap((file) => titlesIn(fs.readFileSync(path.join(ROOT, file), 'utf8'))))
}

const pending = () =>
  fs
    .readFileSync(PENDING, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split('|').map((part) => part.trim()))

describe('the list of attacks', () => {
  it('has a test for every id, or a line that says why not', () => {
    const done = tested()
    const waiting = pending().map(([id]) => id)
    expect(WANTED.filter((id) => !done.has(id) && !waiting.includes(id))).toEqual([])
  })

  it('holds nothing that is tested, unknown or unexplained, and only shrinks', () => {
    const done = tested()
    for (const [id = '', why = '', part = ''] of pending()) {
      expect([id, WANTED.includes(id), done.has(id), why.length > 10, part.length > 3]).toEqual([
        id,
        true,
        false,
        true,
        true,
      ])
    }
    expect(pending().length).toBeLessThanOrEqual(MOST_PENDING)
  })

  it('reads ids from titles only', () => {
    expect(
      titlesIn(
        `it('A01 x'); it("B09: y"); it.each([['K02 a']]); it('K06 L05 z'); // A02 in a comment, 'no A03 here'`,
      ),
    ).toEqual(['A01', 'B09', 'K02', 'K06', 'L05'])
  })
})
