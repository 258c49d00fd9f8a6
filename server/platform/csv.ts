/** A file name that is the same in every header syntax: ASCII letters, digits, `-`, `_` and `.` only. */
const SAFE_NAME = /[^A-Za-z0-9._-]+/g

/**
 * One CSV field. What a spreadsheet would run as a formula gets an apostrophe in front (OWASP ASVS 1.2.10): text that begins
 * with `=`, `+`, `-`, `@`, tab or carriage return, also after blanks or in full-width form. Numbers stay numbers.
 */
export function csvField(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number') return String(value)
  const text = /^\s*[=+\-@\t\r\n\0＝＋－＠]/u.test(value) ? `'${value}` : value
  return /["',;\r\n\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** A CSV document: header and rows, comma-separated, CRLF, with a byte order mark so that Excel reads it as UTF-8. */
export function csv(header: readonly string[], rows: Iterable<readonly (string | number | null | undefined)[]>): string {
  const lines = [header.map(csvField).join(',')]
  for (const row of rows) lines.push(row.map(csvField).join(','))
  return `\uFEFF${lines.join('\r\n')}\r\n`
}

/** A CSV document as a download. @param name of the file, without `.csv` */
export function csvResponse(name: string, document: string): Response {
  return new Response(document, {
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${name.replace(SAFE_NAME, '-')}.csv"`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    },
  })
}
