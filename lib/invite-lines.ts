export interface InviteLine {
  email: string
  /** Name of a role; empty: none is named. */
  role: string
}

const unquote = (cell: string): string => {
  const text = cell.trim()
  return /^".*"$/s.test(text) ? text.slice(1, -1).replace(/""/g, '"').trim() : text
}

/** Cells of one line: separated by tabs, semicolons or commas that stand in no quotes. */
const cellsOf = (line: string): string[] =>
  line
    .split(/[,;\t](?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .map(unquote)
    .filter((cell) => cell !== '')

/**
 * Who is named in a text: addresses by line, comma or blank, as people paste them, or a CSV of addresses with role names
 * (`lea@example.com,Editor`), with or without a header. Checks nothing: what is no address is told by the server, line by line.
 */
export function readInviteLines(text: string): InviteLine[] {
  return text.split(/\r\n|\r|\n/).flatMap((line, n) => {
    const cells = cellsOf(line)
    if (n === 0 && cells.length > 0 && /^e-?mail( address)?$/i.test(cells[0] ?? '')) return []
    const [first = '', second = ''] = cells
    if (cells.length === 2 && first.includes('@') && !second.includes('@'))
      return [{ email: first, role: second }]
    return cells
      .flatMap((cell) => (isList(cell) ? cell.split(/\s+/) : [cell]))
      .map((email) => ({ email, role: '' }))
  })
}

/** Addresses with nothing but blanks between them. */
const isList = (cell: string): boolean => /^\S+@\S+(\s+\S+@\S+)+$/.test(cell)
