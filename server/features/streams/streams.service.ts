import type { z } from 'zod'
import { viewerOf } from '@/server/authz/sight'
import type { SignedInOp } from '@/server/context/op'
import { inTenant, type Tx } from '@/server/db/scope'
import { numbered, pageOf, type Position, readPosition } from '@/server/platform/cursor'
import { totals } from '@/server/platform/page-schema'
import * as repo from './streams.repo'
import type * as schema from './streams.schema'

interface Found<Row> {
  rows: Row[]
  total: number
}

/** A page of a stream, the newest first. @throws AppError 400 for a cursor of another one */
async function pageOfStream<Row extends { at: string; id: string }, Shown>(
  op: SignedInOp,
  name: string,
  { cursor, limit, ...asked }: { cursor?: string; limit: number },
  find: (tx: Tx, position: Position | null) => Promise<Found<Row>>,
  show: (row: Row) => Shown,
) {
  const scope = `${name}:${JSON.stringify(asked)}`
  const position = readPosition(op, scope, cursor)
  const { rows, total } = await inTenant(op, (tx) => find(tx, position))
  const { from, numberOf } = numbered(position, Math.min(rows.length, limit))
  const page = pageOf(op, scope, rows, limit, position, (row, toBack) => [row.at, row.id, numberOf(toBack)])
  return { ...page, rows: page.rows.map(show), from, ...totals(total) }
}

type Row = repo.ActivityRecord | repo.BackupRecord
const aboutOf = ({ aboutId, aboutKind, aboutName }: Row) => ({
  id: aboutId,
  kind: aboutKind,
  name: aboutName,
})
const cloudOf = ({ cloudId, cloudName }: Row) =>
  cloudName === null ? null : { id: cloudId, name: cloudName }
/** What the cloud names and is not known here stands for itself. */
const unknownOf = ({ aboutId, cloudId }: Row, told: string) =>
  aboutId === cloudId && told !== '' ? told : null

/** Tasks or events of the clouds, as far as they are about what the tenant owns or uses and the person sees. */
export const activity = (
  op: SignedInOp,
  input: z.output<typeof schema.activityInput>,
): Promise<schema.ActivityList> =>
  pageOfStream(
    op,
    'activity',
    input,
    (tx, position) => repo.listActivity(tx, viewerOf(op), { ...input, position }),
    (row): schema.ActivityRow => ({
      ...{
        id: row.id,
        kind: row.kind,
        title: row.title,
        status: row.status,
        message: row.message,
        actor: row.actor,
      },
      about: aboutOf(row),
      unknown: unknownOf(row, row.target),
      cloud: cloudOf(row),
      startedAt: row.startedAt.toISOString(),
      endedAt: row.endedAt?.toISOString() ?? null,
    }),
  )

/** Backups that the clouds keep, likewise. */
export const backups = (
  op: SignedInOp,
  input: z.output<typeof schema.backupsInput>,
): Promise<schema.BackupList> =>
  pageOfStream(
    op,
    'backups',
    input,
    (tx, position) => repo.listBackups(tx, viewerOf(op), { ...input, position }),
    (row): schema.BackupRow => ({
      ...{
        id: row.id,
        format: row.format,
        protected: row.protected,
        verified: row.verified,
        notes: row.notes,
      },
      about: aboutOf(row),
      unknown: unknownOf(row, row.guest),
      datastore: row.datastoreId === null ? null : { id: row.datastoreId, name: row.datastoreName ?? '' },
      cloud: cloudOf(row),
      takenAt: row.takenAt.toISOString(),
      size: row.size === null ? null : Number(row.size),
      goneAt: row.goneAt?.toISOString() ?? null,
    }),
  )
