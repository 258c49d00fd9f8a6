import ts from 'typescript'
import { dropProperty, type Finder, replace } from './edits'

/** The level below: what a person holds who must be refused. */
const WEAKER: Record<string, string> = { full: 'read', group: 'read', user: 'read', read: 'none' }
/** Columns that say whose a row is, as Prisma calls them. */
const OWNERS = new Set(['tenantId', 'ownerId', 'homeTenantId', 'assignedId'])

/** Declarations that ask for less, and conditions and locks that stand in objects. */
export function findDeclared(finder: Finder, node: ts.Node): void {
  if (ts.isVariableDeclaration(node) && node.initializer && finder.file === 'server/db/scope.ts') {
    if (node.name.getText() === 'shared') replace(finder, 'lock', node.initializer, '[]')
  }
  if (!ts.isPropertyAssignment(node)) return
  const { initializer: value } = node
  switch (node.name.getText()) {
    case 'permission':
      return ofPermission(finder, value)
    case 'scope':
      if (ts.isStringLiteral(value) && value.text === 'master') replace(finder, 'scope', value, `'tenant'`)
      return
    case 'licence':
      if (ts.isStringLiteral(value))
        replace(finder, 'licence', value, value.text === 'grow' ? `'use'` : 'undefined')
      return
    case 'exclusive':
      return replace(finder, 'lock', value, '[]')
    case 'where':
      return ofWhere(finder, value)
  }
}

function ofPermission(finder: Finder, value: ts.Expression): void {
  const array = ts.isAsExpression(value) ? value.expression : value
  if (!ts.isArrayLiteralExpression(array)) return
  const [permission, level] = array.elements
  if (!permission || !level || !ts.isStringLiteral(level)) return
  const weaker = WEAKER[level.text]
  if (weaker !== undefined)
    replace(finder, 'permission', value, `[${permission.getText(finder.source)}, '${weaker}']`)
}

/** `where: { id, ownerId }` without `ownerId`, at any depth. */
function ofWhere(finder: Finder, value: ts.Expression): void {
  if (!ts.isObjectLiteralExpression(value)) return
  for (const property of value.properties) {
    if (property.name && OWNERS.has(property.name.getText())) dropProperty(finder, 'filter', property)
    if (ts.isPropertyAssignment(property)) ofWhere(finder, property.initializer)
  }
}
