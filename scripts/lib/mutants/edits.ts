import ts from 'typescript'
import { type Mutant, word } from './mutant'

/**
 * A mutant in the code: text put before and after a piece of the source, which asks at run time whether this mutant is the
 * one that is on (runtime.ts). All mutants of a file stand in it together, so that it is compiled once for all of them.
 */
export interface Edit {
  mutant: Mutant
  start: number
  end: number
  /** @param id of the mutant as a string literal */
  before: (id: string) => string
  after: string
}

/** Gathers the edits of one file. */
export interface Finder {
  file: string
  source: ts.SourceFile
  edits: Edit[]
}

const name = (node: ts.Node): string | undefined => {
  if ((ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) && node.name)
    return node.name.getText()
  if (ts.isVariableDeclaration(node) || ts.isPropertyAssignment(node)) return node.name.getText()
  return undefined
}

/** The names around a node, outermost first: `usersRouter.disable`. */
function around(node: ts.Node): string {
  const names: string[] = []
  for (let at: ts.Node | undefined = node.parent; at; at = at.parent) {
    const one = name(at)
    if (one !== undefined && one !== names[0]) names.unshift(one)
  }
  return names.map((one) => word(one.replace(/^'|'$/g, ''))).join('.')
}

function add(
  finder: Finder,
  kind: string,
  node: ts.Node,
  text: string,
  edit: Omit<Edit, 'mutant' | 'start' | 'end'>,
): void {
  if (/filtersOff|FREEHOLD_TEST|^sql`(?:true|false)?`$/.test(text)) return // asks nothing of the product
  const { file, source } = finder
  const start = node.getStart(source)
  const at = `${file}:${source.getLineAndCharacterOfPosition(start).line + 1}`
  const id = ['ts', file, around(node), kind.replaceAll(' ', '-'), word(text)].filter(Boolean).join(':')
  const mutant: Mutant = { id, kind: `code: ${kind}`, layer: 'no-policies', at }
  finder.edits.push({ mutant, start, end: node.getEnd(), ...edit })
}

/** A condition that is taken for true or false, whatever it says. */
export const force = (finder: Finder, kind: string, node: ts.Expression, value: boolean): void =>
  add(finder, kind, node, node.getText(finder.source), {
    before: (id) => `__mutants.force(${id}, ${value}, (`,
    after: '))',
  })

/** A statement that is left out. */
export const leaveOut = (finder: Finder, kind: string, node: ts.Statement): void =>
  add(finder, kind, node, node.getText(finder.source), {
    before: (id) => `if (!__mutants.is(${id})) `,
    after: '',
  })

/** A value in place of another. */
export const replace = (finder: Finder, kind: string, node: ts.Expression, by: string): void =>
  add(finder, kind, node, node.getText(finder.source), {
    before: (id) => `(__mutants.is(${id}) ? ${by} : `,
    after: ')',
  })

/** A piece of a template's text in place of another. `from` and `to` are positions in the file. */
export function replaceWithin(
  finder: Finder,
  kind: string,
  node: ts.Expression,
  from: number,
  to: number,
  by: string,
): void {
  const { source } = finder
  const start = node.getStart(source)
  const whole = source.text.slice(start, from) + by + source.text.slice(to, node.getEnd())
  add(finder, kind, node, source.text.slice(from, to), {
    before: (id) => `(__mutants.is(${id}) ? ${whole} : `,
    after: ')',
  })
}

/** A property that is left out of its object. */
export const dropProperty = (finder: Finder, kind: string, node: ts.ObjectLiteralElementLike): void =>
  add(finder, kind, node, node.getText(finder.source), {
    before: (id) => `...(__mutants.is(${id}) ? {} : { `,
    after: ' })',
  })

/** The file's text with all of its mutants in it, each asleep. */
export function withEdits(text: string, edits: readonly Edit[]): string {
  const marks = edits.flatMap(({ mutant, start, end, before, after }, order) => [
    { at: start, text: before(JSON.stringify(mutant.id)), outer: end - start, order, opens: true },
    { at: end, text: after, outer: end - start, order, opens: false },
  ])
  // At one place what closes comes first, inner before outer; then what opens, outer before inner.
  marks.sort(
    (a, b) =>
      a.at - b.at ||
      Number(a.opens) - Number(b.opens) ||
      (a.opens ? b.outer - a.outer || a.order - b.order : a.outer - b.outer || b.order - a.order),
  )
  let result = ''
  let last = 0
  for (const mark of marks) {
    result += text.slice(last, mark.at) + mark.text
    last = mark.at
  }
  return result + text.slice(last)
}
