import ts from 'typescript'
import { type Finder, force, leaveOut } from './edits'
import { codeOf, isPolicy, type Makers, refuses } from './refusals'

/** Calls that throw what they refuse; not those of rate limits, nor of the server's own settings. */
const CHECKS =
  /^(?:assert(?!Within|Roles|CannotBypass)[A-Z]\w*|recheck|authorise|demand[A-Z]\w*|refuse(?!Weak)[A-Z]\w*)$/
/** Functions whose `true` lets somebody do something. */
const LETS = /^(?:may|can|covers|allows|claims|sees|holds|fits|reaches|within)/

/** Guards (`if (…) throw denied()`), choices between a refusal and none, calls of checks, and the decisions of policies. */
export function findGuards(finder: Finder, node: ts.Node, makers: Makers): void {
  if (ts.isIfStatement(node)) return ofIf(finder, node, makers)
  if (ts.isThrowStatement(node)) return ofThrow(finder, node, makers)
  if (ts.isConditionalExpression(node)) return ofChoice(finder, node, makers)
  if (ts.isExpressionStatement(node)) {
    const call = ts.isAwaitExpression(node.expression) ? node.expression.expression : node.expression
    if (ts.isCallExpression(call) && ts.isIdentifier(call.expression) && CHECKS.test(call.expression.text))
      leaveOut(finder, 'check', node)
  }
  if (isPolicy(finder.file)) ofAnswer(finder, node)
}

const lastOf = (node: ts.Statement): ts.Statement | undefined =>
  ts.isBlock(node) ? node.statements.at(-1) : node

/** What a statement throws or returns. */
const given = (node: ts.Statement | undefined): ts.Expression | undefined =>
  node && (ts.isThrowStatement(node) || ts.isReturnStatement(node)) ? node.expression : undefined

function ofIf(finder: Finder, node: ts.IfStatement, makers: Makers): void {
  const { expression, thenStatement } = node
  const last = lastOf(thenStatement)
  const made = given(last)
  // if (refusal) throw refusal
  const passedOn = made !== undefined && ts.isIdentifier(made) && made.getText() === expression.getText()
  if (passedOn || refuses(codeOf(made, makers), finder.file)) push(finder, 'guard', expression, false)
  else if (isPolicy(finder.file) && (!last || ts.isReturnStatement(last))) {
    const word = literal(made)
    // in a feature's policy only plain answers: the rest makes words for people
    if (word === undefined && !finder.file.startsWith('server/authz/')) return
    push(finder, 'decision', expression, !isRefusal(word, node))
  }
}

/** `true`, `false`, `null`, `'none'`, `[]` as text; undefined: something that is worked out. */
const literal = (node: ts.Expression | undefined): string | undefined =>
  node && /^(?:true|false|null|undefined|'none'|\[\])$/.test(node.getText()) ? node.getText() : undefined

/** Whether an answer refuses. Of a function that answers with the refusal, `null` is the good one. */
function isRefusal(word: string | undefined, node: ts.Node): boolean {
  if (word === undefined || word === 'true') return false
  if (word !== 'null' && word !== 'undefined') return true
  let at: ts.Node | undefined = node
  while (at && !ts.isFunctionDeclaration(at) && !ts.isVariableDeclaration(at)) at = at.parent
  return !/AppError|[rR]efusal/.test(at?.getText().slice(0, at.getText().indexOf('{')) ?? '')
}

/** `if (fine) return it` and then `throw notFound()`: everything is fine. */
function ofThrow(finder: Finder, node: ts.ThrowStatement, makers: Makers): void {
  if (!refuses(codeOf(node.expression, makers), finder.file)) return
  const siblings: readonly ts.Statement[] = ts.isBlock(node.parent) ? node.parent.statements : []
  const before = siblings[siblings.indexOf(node) - 1]
  if (before && ts.isIfStatement(before) && ts.isReturnStatement(lastOf(before.thenStatement) ?? before))
    push(finder, 'guard', before.expression, true)
}

function ofChoice(finder: Finder, node: ts.ConditionalExpression, makers: Makers): void {
  const { whenTrue, whenFalse, condition } = node
  const [yes, no] = [whenTrue, whenFalse].map((one) => refuses(codeOf(one, makers), finder.file))
  if (yes !== no) push(finder, 'guard', condition, !yes)
  else if (finder.file.startsWith('server/authz/')) {
    const [none, nothing] = [whenTrue, whenFalse].map((one) => isRefusal(literal(one), node))
    if (none !== nothing) push(finder, 'choice', condition, !none)
  }
}

/** A condition that always comes out as `value`, and each part of it without which it comes out so more often. */
function push(finder: Finder, kind: string, node: ts.Expression, value: boolean): void {
  force(finder, kind, node, value)
  parts(finder, kind, node, value)
}

function parts(finder: Finder, kind: string, node: ts.Expression, value: boolean): void {
  if (ts.isParenthesizedExpression(node)) return parts(finder, kind, node.expression, value)
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken)
    return parts(finder, kind, node.operand, !value)
  if (!ts.isBinaryExpression(node)) return
  const { kind: operator } = node.operatorToken
  const and = operator === ts.SyntaxKind.AmpersandAmpersandToken
  if (!and && operator !== ts.SyntaxKind.BarBarToken) return
  for (const part of [node.left, node.right]) {
    const inner = ts.isParenthesizedExpression(part) ? part.expression : part
    const same = ts.isBinaryExpression(inner) && inner.operatorToken.kind === operator
    // a && b comes out true more often without a; a || b comes out false more often without a
    if (and === value && !same) force(finder, `part of ${kind}`, part, value)
    parts(finder, kind, part, value)
  }
}

/** What a function of a policy answers: the whole of a yes or no, and the parts of it. */
function ofAnswer(finder: Finder, node: ts.Node): void {
  const isFunction = ts.isFunctionDeclaration(node) || ts.isArrowFunction(node)
  if (!isFunction || !node.body) return
  const last = ts.isBlock(node.body) ? node.body.statements.at(-1) : undefined
  const body = ts.isBlock(node.body) ? given(last) : node.body
  if (!body || literal(body) !== undefined || (last && !ts.isReturnStatement(last))) return
  const owner = ts.isVariableDeclaration(node.parent)
    ? node.parent.name.getText()
    : (node.name?.getText() ?? '')
  const answersBoolean = node.type?.kind === ts.SyntaxKind.BooleanKeyword
  if (answersBoolean) push(finder, 'answer', body, LETS.test(owner))
  else parts(finder, 'answer', body, true)
}
