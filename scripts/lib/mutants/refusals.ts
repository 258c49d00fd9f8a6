import ts from 'typescript'

// What a thrown or returned error says: only refusals of authorisation make a guard, not those of a wrong input.

const MAKERS: Record<string, string> = {
  notFound: 'not_found',
  denied: 'access_denied',
  conflict: 'conflict',
  invalidField: 'invalid_input',
}
const OF_RIGHTS = new Set([
  'unauthenticated',
  'access_denied',
  'org_suspended',
  'not_found',
  'feature_disabled',
  'license_required',
  'license_limit',
  'refusal',
])

/** Name of a function to the error code that it makes. */
export type Makers = ReadonlyMap<string, string>

/** The code of the error that an expression makes; undefined: none that we know. */
export function codeOf(node: ts.Expression | undefined, makers: Makers): string | undefined {
  if (!node) return undefined
  if (ts.isParenthesizedExpression(node)) return codeOf(node.expression, makers)
  if (ts.isConditionalExpression(node)) return codeOf(node.whenTrue, makers) ?? codeOf(node.whenFalse, makers)
  if (ts.isNewExpression(node) && node.expression.getText() === 'AppError') {
    const [code] = node.arguments ?? []
    return code && ts.isStringLiteralLike(code) ? code.text : undefined
  }
  return ts.isCallExpression(node) && ts.isIdentifier(node.expression)
    ? makers.get(node.expression.text)
    : undefined
}

/** Whether a code refuses for want of rights. In a policy a conflict does so too: the last owner, what is assigned away. */
export const refuses = (code: string | undefined, file: string): boolean =>
  code !== undefined && (OF_RIGHTS.has(code) || (code === 'conflict' && isPolicy(file)))

/** Files that hold nothing but decisions. */
export const isPolicy = (file: string): boolean =>
  /^server\/authz\/|\.policy\.ts$|^server\/context\/still-allowed/.test(file)

/** All functions that make one error, found by what they return; repeated until no more are found. */
export function makersOf(sources: readonly ts.SourceFile[]): Makers {
  const makers = new Map(Object.entries(MAKERS))
  for (let before = -1; before !== makers.size;) {
    before = makers.size
    for (const source of sources)
      ts.forEachChild(source, (node) => {
        for (const [name, made] of named(node)) {
          const code = codeOf(made, makers)
          if (code !== undefined && !makers.has(name)) makers.set(name, code)
        }
      })
  }
  return makers
}

/** Functions of a statement, with the one expression that each returns. */
function named(node: ts.Node): [string, ts.Expression | undefined][] {
  if (ts.isFunctionDeclaration(node) && node.name) return [[node.name.text, onlyReturn(node.body)]]
  if (!ts.isVariableStatement(node)) return []
  return node.declarationList.declarations.flatMap(({ name, initializer }) => {
    if (!ts.isIdentifier(name) || !initializer || !ts.isArrowFunction(initializer)) return []
    const { body } = initializer
    return [[name.text, ts.isBlock(body) ? onlyReturn(body) : body]] as [string, ts.Expression | undefined][]
  })
}

function onlyReturn(body: ts.Block | undefined): ts.Expression | undefined {
  const last = body?.statements.at(-1)
  const returns = body?.statements.filter((one) => !ts.isVariableStatement(one)).length === 1
  return returns && last && ts.isReturnStatement(last) ? last.expression : undefined
}
