export type CsvValue = string | number | null | undefined

/** What is safe in a file name in every header syntax. */
const UNSAFE_NAME = /[^A-Za-z0-9._-]+/g
/** What a spreadsheet would run: also after blanks, and in full width. */
const FORMULA = /^\s*[=+\-@\t\r\n＝＋－＠]/u

/**
 * One CSV field. Text that a spreadsheet would run as a formula gets an apostrophe in front (OWASP ASVS 1.2.10): it begins
 * with `=`, `+`, `-`, `@`, tab or carriage return. Numbers stay numbers.
 */
function csvField(value: CsvValue): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number') return String(value)
  const text = FORMULA.test(value) ? `'${value}` : value
  return /["',;\r\n\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** One line of CSV with its CRLF. */
const csvLine = (fields: readonly CsvValue[]): string => `${fields.map(csvField).join(',')}\r\n`

/**
 * A CSV download, streamed batch by batch. Begins with a byte order mark, so that Excel reads it as UTF-8.
 * @param name of the file, without `.csv`
 * @param batches lists of rows, asked for as the client reads; an error cuts the connection
 */
export function csvResponse(
  name: string,
  header: readonly string[],
  batches: AsyncIterator<readonly (readonly CsvValue[])[], void>,
): Response {
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>({
    start: (to) => to.enqueue(encoder.encode(`\uFEFF${csvLine(header)}`)),
    pull: async (to) => {
      const next = await batches.next()
      if (next.done) to.close()
      else to.enqueue(encoder.encode(next.value.map(csvLine).join('')))
    },
    cancel: async () => void (await batches.return?.()),
  })
  return new Response(body, {
    headers: {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${name.replace(UNSAFE_NAME, '-')}.csv"`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    },
  })
}
