import type { Viewer } from '@/server/authz/sight'
import type { Tx } from '@/server/db/scope'
import * as lists from './resource-list.repo'
import * as repo from './resources.repo'

// What other features ask about resources inside a transaction of their own.

export type SeenRow = lists.ResourceRow
export type SeenQuery = lists.ResourceQuery
export type SeenRecord = repo.ResourceRecord

/** Up to `limit` + 1 rows that the viewer sees, in the order of reading (see pageOf), each with the count of all. */
export const listSeen = (tx: Tx, viewer: Viewer, query: SeenQuery): Promise<SeenRow[]> =>
  lists.listResources(tx, viewer, query)

export const hasOnePlan = lists.hasOnePlan

/** How many there are; COUNT_CAP + 1 for more than COUNT_CAP. */
export const countSeen = (tx: Tx, viewer: Viewer, query: SeenQuery): Promise<number> =>
  lists.countResources(tx, viewer, query)

/** The resources among these ids that the viewer sees, of any kind. */
export const findSeen = (tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<SeenRecord[]> =>
  repo.findResources(tx, viewer, ids)
