import type { KindDeclaration } from '@/server/rpc/declaration'

export type PageDeclaration = Omit<KindDeclaration, 'audit' | 'rest'> & { title: string }

/** A page's entry in app/pages.ts. */
export const page = (d: PageDeclaration): PageDeclaration => d
