import { code, page, table } from './markdown'
import { permissionText } from '@/server/rpc/declaration'
import type { Surface } from './surfaces'

const permission = ({ declaration }: Surface): string => permissionText(declaration)
const event = ({ declaration: { audit } }: Surface): string => (audit === 'none' ? '' : code(audit))
const ids = ({ declaration }: Surface): string =>
  Object.entries(declaration.ids ?? {})
    .map(([field, kind]) => `${code(field)} ${kind}`)
    .join(', ')
/** Of a subtenant's surfaces only: nobody acts as a user of the master. */
const acting = ({ declaration: { scope, audit, impersonating } }: Surface): string =>
  scope !== 'self' && scope !== 'tenant'
    ? ''
    : impersonating === 'quits'
      ? 'the way out'
      : audit === 'none'
        ? (impersonating ?? '')
        : (impersonating ?? 'refused')
const common = (one: Surface): string[] => [
  one.declaration.scope,
  permission(one),
  licenceOf(one),
  event(one),
  acting(one),
]
const COMMON = ['Scope', 'Permission', 'Licence', 'Audit event', 'Impersonating']

const licenceOf = ({ declaration: { licence, capability } }: Surface): string =>
  [licence, capability].filter(Boolean).join(', ')

function features(surfaces: readonly Surface[]): string[] {
  const procedures = surfaces.filter(({ kind }) => kind !== 'route' && kind !== 'page')
  const names = [...new Set(procedures.map(({ name }) => name.split('.')[0] ?? ''))].sort()
  return names.flatMap((feature) => [
    `### ${feature}`,
    table(
      ['Procedure', 'Kind', ...COMMON, 'Ids', 'REST', 'What it does'],
      procedures
        .filter(({ name }) => name.split('.')[0] === feature)
        .map((one) => [
          code(one.name),
          one.kind,
          ...common(one),
          ids(one),
          code(one.address),
          one.declaration.summary,
        ]),
    ),
  ])
}

/** docs/generated/procedures.md: everything that answers from outside, by its declaration. */
export function proceduresPage(surfaces: readonly Surface[]): Promise<string> {
  const routes = surfaces.filter(({ kind }) => kind === 'route')
  const pages = surfaces.filter(({ kind }) => kind === 'page')
  return page('What answers', [
    'Every procedure, HTTP route and page by its declaration (`server/rpc/declaration.ts`, `server/http/routes.ts`, `app/pages.ts`).',
    [
      '- Scope. `public`: nobody needs to be signed in. `self`: any signed-in person, about themselves. `tenant`: in the tenant of the host name. `master`: in the master tenant only. `agent`: an enrolled machine, by its credential.',
      '- Licence. `use`: multi-tenancy is on and was licensed once. `grow`: the licence is current. `sso`: a current licence has that capability.',
      '- Audit event: what a mutation writes to the audit log. Empty: it only reads.',
      '- Impersonating: whether the provider’s people may, while they act as a user. A change is refused unless it is allowed; a question is answered unless it is refused.',
      '- Ids: which input fields are ids, and of what. The sweep feeds each with ids of other tenants.',
    ].join('\n'),
    '## tRPC procedures',
    'At `/api/trpc/<name>`. The REST address is declared with the procedure; the REST API that serves it is a later version.',
    ...features(surfaces),
    '## HTTP routes',
    table(
      ['Address', 'Name', ...COMMON, 'Largest body', 'What it does'],
      routes.map((one) => [
        code(one.address),
        one.name,
        ...common(one),
        one.maxBody === 0 ? '' : `${one.maxBody} bytes`,
        one.declaration.summary,
      ]),
    ),
    '## Pages',
    'In path mode each address of a subtenant begins with `/t/<subdomain>`. A page loads its data through procedures, which check again.',
    table(
      ['Address', 'Title', 'Scope', 'Permission', 'Licence', 'Impersonating', 'What it shows'],
      pages.map((one) => [
        code(one.address),
        one.name,
        one.declaration.scope,
        permission(one),
        licenceOf(one),
        acting(one),
        one.declaration.summary,
      ]),
    ),
  ])
}
