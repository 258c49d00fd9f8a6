// Imports go one way (ARCHITECTURE, "The house"). The table below is the whole law: a file whose path matches `from`
// must not import what matches `to`, unless it also matches `but`. Paths are relative to the root, without extension;
// packages are written as they are imported. It is an ESLint rule, not a separate tool, so that editors show it at once.
import path from 'node:path'

/** Code that is not part of the running product, and may therefore reach inside it. */
const TOOLING = /^(test|e2e|bench|scripts|prisma|tools)\/|\.(test|spec|fixture|config)$/
const OURS = /^(app|ui|lib|server|cli|test|e2e|bench|scripts|prisma|middleware|router)(\/|$)/
const REPO = /^server\/features\/([^/]+)\/(?:.+\/)?[^/]+\.repo$/
const DB_CODE = /^server\/db\/|^server\/features\/[^/]+\/(?:.+\/)?[^/]+\.repo$/

/**
 * @typedef {object} Boundary
 * @property {string} name shown in the error
 * @property {RegExp} from the importing file
 * @property {RegExp} to the imported file or package
 * @property {(file: string, target: string) => boolean} [but] exceptions
 * @property {string} why one sentence that says what to do instead
 */

/** @type {Boundary[]} */
const BOUNDARIES = [
  {
    name: 'lib-is-pure',
    from: /^lib\//,
    to: OURS,
    but: (file, target) => target.startsWith('lib/') || TOOLING.test(file),
    why: 'lib/ is pure and isomorphic: it imports nothing of ours.',
  },
  {
    name: 'lib-is-isomorphic',
    from: /^lib\//,
    to: /^(node:|next(\/|$)|pg$|@prisma\/|server-only$)/,
    but: (file) => TOOLING.test(file),
    why: 'lib/ also runs in the browser and on the Edge: no Node, Next or database packages.',
  },
  {
    name: 'ui-knows-only-lib',
    from: /^ui\//,
    to: OURS,
    but: (file, target) => /^(ui|lib)\//.test(target) || TOOLING.test(file),
    why: 'ui/ knows no tenant and no route: it imports only ui/, lib/ and packages.',
  },
  {
    name: 'middleware-knows-only-lib',
    from: /^middleware$/,
    to: OURS,
    but: (_file, target) => target.startsWith('lib/'),
    why: 'The middleware runs on the Edge: no database, no authorisation, only lib/.',
  },
  {
    name: 'server-knows-no-ui',
    from: /^server\//,
    to: /^(app|ui|cli|middleware)(\/|$)/,
    but: (file) => TOOLING.test(file) || file.startsWith('server/sweep/'),
    why: 'server/ never imports app/, ui/, cli/ or the middleware.',
  },
  {
    name: 'product-knows-no-tooling',
    from: /^(app|ui|lib|server|cli|middleware)(\/|$)/,
    to: /^(test|e2e|bench|scripts)\//,
    but: (file) => TOOLING.test(file) || file.startsWith('server/sweep/'),
    why: 'What ships does not depend on tests or scripts.',
  },
  {
    name: 'repo-is-private-to-its-feature',
    from: /./,
    to: REPO,
    but: (file, target) =>
      TOOLING.test(file) || file.startsWith(`server/features/${REPO.exec(target)?.[1]}/`),
    why: "A repo belongs to its feature: call that feature's service.",
  },
  {
    name: 'routes-do-not-query',
    from: /^(app|cli|ui|middleware)(\/|$)/,
    to: /^server\/db\//,
    why: 'Routes and the command line call a service or the router; services reach the database.',
  },
  {
    name: 'prisma-only-in-db-and-repos',
    from: /./,
    to: /^(@prisma\/|server\/generated\/)/,
    but: (file) => DB_CODE.test(file) || TOOLING.test(file) || file.startsWith('server/generated/'),
    why: 'Only server/db and *.repo.ts know Prisma; everything else goes through inTenant and a repo.',
  },
  {
    name: 'pg-only-in-the-basement',
    from: /./,
    to: /^pg$/,
    but: (file) => DB_CODE.test(file) || TOOLING.test(file) || /^server\/(platform|jobs)\//.test(file),
    why: 'A bare connection goes round the wall: use inTenant, or put the code in server/db.',
  },
  {
    name: 'connectors-behind-features',
    from: /./,
    to: /^server\/connectors\//,
    but: (file) =>
      TOOLING.test(file) || /^server\/(connectors|jobs|features\/(connections|machines))\//.test(file),
    why: 'Connectors are used by the features that connect clouds and act in them, and by jobs, only.',
  },
]

/** The root-relative path without extension, or the package name as written. */
function resolve(specifier, file) {
  const stripped = specifier.replace(/\.[cm]?[jt]sx?$/, '')
  if (stripped.startsWith('@/')) return stripped.slice(2)
  if (!stripped.startsWith('.')) return specifier
  return path.posix.join(path.posix.dirname(file), stripped)
}

/** @type {import('eslint').Rule.RuleModule} */
export const importBoundaries = {
  meta: {
    type: 'problem',
    docs: { description: 'Imports go one way, as ARCHITECTURE says' },
    schema: [],
    messages: { crossed: '{{name}}: {{why}}' },
  },
  create(context) {
    const relative = path.relative(context.cwd, context.filename).split(path.sep).join('/')
    const file = relative.replace(/\.[cm]?[jt]sx?$/, '')
    const check = (source) => {
      if (typeof source?.value !== 'string') return
      const target = resolve(source.value, file)
      for (const { name, from, to, but, why } of BOUNDARIES) {
        if (!from.test(file) || !to.test(target) || but?.(file, target)) continue
        context.report({ node: source, messageId: 'crossed', data: { name, why } })
      }
    }
    return {
      ImportDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
      TSImportType: (node) => check(node.source),
    }
  },
}
