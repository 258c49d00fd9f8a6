/**
 * Time of the emulated account, in seconds since 1970: the machine's time and how far somebody has moved it ahead. While due things are worked
 * off it stands still at the moment each was due.
 */
export class Clock {
  /** Seconds ahead of the machine. */
  offset = 0
  private frozen: number | undefined

  now(): number {
    return this.frozen ?? Math.floor(Date.now() / 1000) + this.offset
  }
  /** Runs `work` at that moment. */
  at<T>(second: number, work: () => T): T {
    const before = this.frozen
    this.frozen = second
    try {
      return work()
    } finally {
      this.frozen = before
    }
  }
  /** Only ever ahead. */
  moveTo(second: number): void {
    this.offset += Math.max(0, second - this.now())
  }
}
