import type { PageDeclaration } from '@/app/pages'
import type { KindDeclaration } from '@/server/rpc/declaration'

/** Something that answers from outside: a tRPC procedure, an HTTP route or a page. */
export interface Surface {
  kind: 'query' | 'mutation' | 'subscription' | 'route' | 'page'
  name: string
  /** Method and path of a route, path of a page, REST address of a procedure. */
  address: string
  maxBody: number
  declaration: KindDeclaration
}

interface ProcedureLike {
  _def: { type: 'query' | 'mutation' | 'subscription'; meta?: KindDeclaration }
}

const pathOfPage = (folder: string): string =>
  `/${folder
    .split('/')
    .filter((part) => !part.startsWith('('))
    .map((part) => part.replace(/^\[(.+)\]$/, ':$1'))
    .join('/')}`

/** All of them, in the order of the code. Imports the router, so the Prisma client must have been made; connects to nothing. */
export async function readSurfaces(): Promise<Surface[]> {
  const { appRouter } = await import('@/server/router')
  const { routes } = await import('@/server/http/routes')
  const { PAGES } = await import('@/app/pages')
  const procedures = Object.entries(appRouter._def.procedures as unknown as Record<string, ProcedureLike>)
  const withoutMeta = procedures.find(([, { _def }]) => !_def.meta)
  if (withoutMeta) throw new Error(`${withoutMeta[0]} has no declaration`)
  return [
    ...procedures.map(([name, { _def }]): Surface => {
      const declaration = _def.meta as KindDeclaration
      const { rest } = declaration
      return {
        kind: _def.type,
        name,
        address: rest ? `${rest.method} ${rest.path}` : '',
        maxBody: 0,
        declaration,
      }
    }),
    ...routes.map(({ name, method, path, maxBody, declaration }): Surface => ({
      kind: 'route',
      name,
      address: `${method} ${path}`,
      maxBody,
      declaration,
    })),
    ...Object.entries<PageDeclaration>(PAGES).map(([folder, declaration]): Surface => ({
      kind: 'page',
      name: declaration.title,
      address: pathOfPage(folder),
      maxBody: 0,
      declaration: { audit: 'none', ...declaration },
    })),
  ]
}
