// Rules that keep the wall in one piece: no string-built SQL (security K18) and no list that starts from the whole
// resource table (access-model, "Lists").

const UNSAFE = new Set(['$queryRawUnsafe', '$executeRawUnsafe'])
const QUERYING = new Set(['query', '$queryRaw', '$executeRaw'])

const nameOf = (node) => {
  if (node?.type === 'Identifier' || node?.type === 'PrivateIdentifier') return node.name
  return node?.type === 'Literal' ? node.value : undefined
}

/** @type {import('eslint').Rule.RuleModule} */
export const noUnsafeSql = {
  meta: {
    type: 'problem',
    docs: { description: 'No Prisma escape hatch that takes SQL as a plain string (security K18)' },
    schema: [],
    messages: {
      unsafe: '{{name}} takes SQL as text. Use the $queryRaw`...` tag: it binds its values (K18).',
    },
  },
  create(context) {
    const report = (node, name) => context.report({ node, messageId: 'unsafe', data: { name } })
    return {
      MemberExpression(node) {
        const name = nameOf(node.property)
        if (UNSAFE.has(name)) report(node, name)
        if (name === 'raw' && nameOf(node.object) === 'Prisma') report(node, 'Prisma.raw')
      },
      // const { $queryRawUnsafe } = tx, and const { raw } = Prisma
      Property(node) {
        if (node.parent.type !== 'ObjectPattern') return
        const name = nameOf(node.key)
        if (UNSAFE.has(name)) report(node, name)
        if (name === 'raw' && nameOf(node.parent.parent.init) === 'Prisma') report(node, 'Prisma.raw')
      },
      ImportSpecifier(node) {
        const from = String(node.parent.source.value)
        if (nameOf(node.imported) === 'raw' && /prisma|sql-template-tag/.test(from)) report(node, 'raw')
      },
    }
  },
}

/** A value that cannot carry a person's input: an UPPER_CASE constant, a number, or the result of an escape function. */
function isFixed(node) {
  if (node.type === 'Literal') return true
  if (node.type === 'Identifier') return /^[A-Z][A-Z0-9_]*$/.test(node.name)
  if (node.type === 'TemplateLiteral') return node.expressions.every(isFixed)
  if (node.type === 'BinaryExpression') return isFixed(node.left) && isFixed(node.right)
  if (node.type !== 'CallExpression') return false
  const callee = node.callee.type === 'MemberExpression' ? node.callee.property : node.callee
  return /^(escape|quote)(Identifier|Literal|Ident)$/.test(nameOf(callee) ?? '')
}

/** @type {import('eslint').Rule.RuleModule} */
export const noBuiltSql = {
  meta: {
    type: 'problem',
    docs: { description: 'No SQL put together from values (security K18)' },
    schema: [],
    messages: {
      built:
        'SQL built from values. Bind them ($1), or escapeIdentifier() where a name cannot be bound (K18).',
    },
  },
  create(context) {
    return {
      CallExpression(node) {
        if (node.callee.type !== 'MemberExpression' || !QUERYING.has(nameOf(node.callee.property))) return
        let sql = node.arguments[0]
        if (sql?.type === 'ObjectExpression') {
          sql = sql.properties.find((p) => p.type === 'Property' && nameOf(p.key) === 'text')?.value
        }
        const isBuilt = sql?.type === 'TemplateLiteral' || sql?.type === 'BinaryExpression'
        if (isBuilt && !isFixed(sql)) context.report({ node: sql, messageId: 'built' })
      },
    }
  },
}

/** @type {import('eslint').Rule.RuleModule} */
export const noResourceFindMany = {
  meta: {
    type: 'problem',
    docs: { description: 'Lists of resources start from the arms (access-model, "Lists")' },
    schema: [],
    messages: {
      bare: 'resource.findMany filters the whole table: 691 ms at 1M rows. Start from the arms, in SQL, in the repo.',
    },
  },
  create(context) {
    return {
      MemberExpression(node) {
        if (nameOf(node.property) !== 'findMany' || node.object.type !== 'MemberExpression') return
        if (nameOf(node.object.property) === 'resource') context.report({ node, messageId: 'bare' })
      },
    }
  },
}
