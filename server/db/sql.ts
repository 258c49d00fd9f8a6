import { Prisma } from '@/server/generated/prisma/client'

/** A piece of SQL with its values bound: may be put into another one, or into `tx.$queryRaw`. */
export type Sql = Prisma.Sql

/** Tagged template that makes an `Sql`; every hole is bound, never pasted (attack K18). */
export const sql = Prisma.sql

/** No SQL at all. */
export const nothing: Sql = Prisma.empty

/** Pieces one after another with a fixed text between them. */
export const joinSql = (pieces: readonly Sql[], between: string): Sql => Prisma.join([...pieces], between)
