import pg from 'pg'

const SERVING = /_(?:tenant|master)(?:_bp)?$/

/** How many statements the serving roles send while `work` runs; one call at a time. */
export async function countStatements(work: () => Promise<unknown>): Promise<number> {
  const original = pg.Client.prototype.query
  let n = 0
  const send = original as unknown as (this: pg.Client, ...all: unknown[]) => unknown
  pg.Client.prototype.query = function (this: pg.Client, ...all: unknown[]) {
    if (SERVING.test(this.user ?? '')) n += 1
    return send.apply(this, all)
  } as never
  try {
    await work()
  } finally {
    pg.Client.prototype.query = original
  }
  return n
}
