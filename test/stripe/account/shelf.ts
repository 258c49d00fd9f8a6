import { missing } from '@/test/stripe/failure'

export interface Kept {
  id: string
}

/** All objects of one kind, in the order they were made. */
export class Shelf<T extends Kept> {
  private rows = new Map<string, T>()

  /** @param noun as Stripe's messages call it, such as `checkout.session` */
  constructor(readonly noun: string) {}

  add(row: T): T {
    this.rows.set(row.id, row)
    return row
  }
  find(id: string): T | undefined {
    return this.rows.get(id)
  }
  /**
   * @param param the parameter that held the id; absent where it stood in the path
   * @throws StripeFailure `resource_missing`
   */
  take(id: string, param?: string): T {
    const row = this.rows.get(id)
    if (!row) throw missing(this.noun, id, param)
    return row
  }
  remove(id: string): void {
    this.rows.delete(id)
  }
  /** Newest first, as Stripe lists them. */
  newest(): T[] {
    return [...this.rows.values()].reverse()
  }
  /** Oldest first. */
  toJSON(): T[] {
    return [...this.rows.values()]
  }
  load(rows: T[]): void {
    this.rows = new Map(rows.map((row) => [row.id, row]))
  }
}
