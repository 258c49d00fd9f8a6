// House rules of style that no published rule covers.

const report = (context, node, messageId, data) => context.report({ node, messageId, data })

/** @type {import('eslint').Rule.RuleModule} */
export const noProcessEnv = {
  meta: {
    type: 'problem',
    docs: { description: 'Settings are read and checked in one place' },
    schema: [],
    messages: {
      env: 'Only server/platform/env.ts reads the environment: add the setting there and import it.',
    },
  },
  create(context) {
    return {
      'MemberExpression[object.name="process"][property.name="env"]': (node) => report(context, node, 'env'),
      'MemberExpression[object.name="process"][property.value="env"]': (node) => report(context, node, 'env'),
      'VariableDeclarator[init.name="process"] > ObjectPattern > Property[key.name="env"]': (node) =>
        report(context, node, 'env'),
      'ImportDeclaration[source.value=/^(node:)?process$/] > ImportSpecifier[imported.name="env"]': (node) =>
        report(context, node, 'env'),
    }
  },
}

/** @type {import('eslint').Rule.RuleModule} */
export const noDefaultExport = {
  meta: {
    type: 'problem',
    docs: { description: 'Named exports only: one name for a thing, everywhere' },
    schema: [],
    messages: { named: 'Export it by name. Only files whose framework asks for a default export have one.' },
  },
  create(context) {
    const flag = (node) => report(context, node, 'named')
    return {
      ExportDefaultDeclaration: flag,
      TSExportAssignment: flag,
      'ExportSpecifier[exported.name="default"]': flag,
    }
  },
}

const passesOn = (node) =>
  node.type === 'ImportDeclaration' ||
  node.type === 'ExportAllDeclaration' ||
  (node.type === 'ExportNamedDeclaration' && !node.declaration)

/** @type {import('eslint').Rule.RuleModule} */
export const noBarrel = {
  meta: {
    type: 'problem',
    docs: { description: 'No file that only passes on what others export' },
    schema: [],
    messages: { barrel: 'This file only re-exports. Import from the file that declares the thing.' },
  },
  create(context) {
    return {
      Program(node) {
        const exportsSomething = node.body.some((s) => s.type !== 'ImportDeclaration')
        if (exportsSomething && node.body.every(passesOn)) report(context, node.body[0], 'barrel')
      },
    }
  },
}

const ROLE_NAMES = new Set([
  ...['Owner', 'Admin', 'Editor', 'Viewer', 'Tenant Admin', 'Tenant User', 'Super Admin', 'Support'],
  ...['super_admin', 'tenant_admin', 'SUPER_ADMIN', 'TENANT_ADMIN', 'Customer', 'Organization'],
])
const LABELS = new Set(['label', 'header', 'title', 'heading', 'description', 'placeholder', 'aria-label'])

/** Text shown to a person (a column called "Owner") is not a decision about a role. */
function isLabel(node) {
  const { parent } = node
  if (parent?.type === 'Property' && parent.value === node)
    return LABELS.has(parent.key.name ?? parent.key.value)
  return parent?.type === 'JSXAttribute' && LABELS.has(parent.name.name)
}

/** @type {import('eslint').Rule.RuleModule} */
export const noRoleNames = {
  meta: {
    type: 'problem',
    docs: { description: 'Code asks for an ability, never for a role by name (ARCHITECTURE, "Style")' },
    schema: [],
    messages: { role: "Role name '{{name}}' in code. Ask the literal question: can(op, 'hosts', 'full')." },
  },
  create(context) {
    return {
      Literal(node) {
        if (ROLE_NAMES.has(node.value) && !isLabel(node)) report(context, node, 'role', { name: node.value })
      },
      TemplateElement(node) {
        if (ROLE_NAMES.has(node.value.cooked)) report(context, node, 'role', { name: node.value.cooked })
      },
    }
  },
}

/** @type {import('eslint').Rule.RuleModule} */
export const noTrpcError = {
  meta: {
    type: 'problem',
    docs: { description: 'One error mapper: services throw our own errors' },
    schema: [],
    messages: { mapped: 'Throw one of our own errors; server/rpc turns it into a TRPCError in one place.' },
  },
  create(context) {
    return {
      'ImportSpecifier[imported.name="TRPCError"]': (node) => report(context, node, 'mapped'),
      'MemberExpression[property.name="TRPCError"]': (node) => report(context, node, 'mapped'),
    }
  },
}
