import fs from 'node:fs'
import path from 'node:path'
import { format } from 'prettier'
import { ROOT } from '../run'

const NOTICE = '<!-- Made by scripts/generate-docs.ts (npm run docs). Do not edit. -->'

const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/\s+/g, ' ').trim()

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** Text as inline code; nothing for nothing. */
export const code = (text: string): string => (text === '' ? '' : `\`${text}\``)

/** A fenced block. */
export const fence = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``

/** One generated page: title and parts with an empty line between them, as Prettier would write it. */
export async function page(title: string, parts: readonly string[]): Promise<string> {
  const style = JSON.parse(fs.readFileSync(path.join(ROOT, '.prettierrc.json'), 'utf8')) as object
  return format([`# ${title}`, NOTICE, ...parts].join('\n\n'), { ...style, parser: 'markdown' })
}
