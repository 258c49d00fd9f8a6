import { type PageDeclaration, PAGES } from '@/app/pages'
import type { Level, Permission } from '@/lib/permissions'
import { kindAt } from '@/lib/resource-kinds/registry'
import { resolvePermission } from '@/server/rpc/declaration'

const partsOf = (path: string): string[] =>
  path.split('/').filter((part) => part !== '' && !part.startsWith('('))

const fits = (pattern: readonly string[], path: readonly string[]): boolean =>
  pattern.length === path.length && pattern.every((part, i) => part.startsWith('[') || part === path[i])

/**
 * The permission that the page at this address asks for; null: none, or there is no such page.
 * @param path without the tenant's prefix
 */
export function permissionAt(path: string): readonly [Permission, Exclude<Level, 'none'>] | null {
  const asked = partsOf(path)
  const found = Object.entries<PageDeclaration>(PAGES)
    .map(([name, page]) => ({ pattern: partsOf(name), page }))
    .filter(({ pattern }) => fits(pattern, asked))
    // a fixed part beats one that takes anything
    .sort((a, b) => fixed(b.pattern) - fixed(a.pattern))[0]
  if (!found) return null
  const kind = kindAt(asked[0] ?? '', asked[1] ?? '')?.kind
  const { permission } = resolvePermission({ audit: 'none', ...found.page }, kind)
  if (!permission) return null
  const [name, level] = permission
  return level === 'none' ? null : [name, level]
}

const fixed = (pattern: readonly string[]): number => pattern.filter((part) => !part.startsWith('[')).length
