// Makes docs/generated from the code, so that it cannot be wrong. With --check it writes nothing and ends with 1 when a
// page is stale, naming it. Needs no database.
import fs from 'node:fs'
import path from 'node:path'
import { ensureGenerated } from './lib/generate'
import { ROOT } from './lib/run'

const FOLDER = 'docs/generated'

async function main(): Promise<number> {
  await ensureGenerated()
  const { generateDocs } = await import('./lib/docs/all')
  const pages = await generateDocs()
  fs.mkdirSync(path.join(ROOT, FOLDER), { recursive: true })
  const there = fs.readdirSync(path.join(ROOT, FOLDER)).map((name) => `${FOLDER}/${name}`)
  const read = (file: string) =>
    there.includes(file) ? fs.readFileSync(path.join(ROOT, file), 'utf8') : null
  const stale = [
    ...Object.keys(pages).filter((file) => read(file) !== pages[file]),
    ...there.filter((file) => !(file in pages)),
  ]
  if (process.argv.includes('--check')) {
    for (const file of stale) console.error(`stale: ${file}`)
    if (stale.length > 0) console.error('Run: npm run docs')
    return stale.length === 0 ? 0 : 1
  }
  for (const file of stale) {
    const text = pages[file]
    if (text === undefined) fs.rmSync(path.join(ROOT, file))
    else fs.writeFileSync(path.join(ROOT, file), text)
    console.log(`${text === undefined ? 'removed' : 'wrote'} ${file}`)
  }
  return 0
}

process.exitCode = await main()
