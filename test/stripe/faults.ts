/**
 * What may go wrong with the next requests: an error of Stripe's with that status; no answer at all; a connection cut before anything is done
 * (`reset`) or after it is done (`lost`).
 */
export type Fault = { status: number; code?: string; message?: string } | 'hang' | 'reset' | 'lost'

interface Planned {
  fault: Fault
  /** How often yet. */
  times: number
  /** Only of requests whose `POST /v1/…` contains this. */
  of: string
}

/** Faults that tests have asked for. */
export class Faults {
  private planned: Planned[] = []
  /** Milliseconds before each answer. */
  delay = 0

  failNext(fault: Fault, { times = 1, of = '' }: { times?: number; of?: string } = {}): void {
    this.planned.push({ fault, times, of })
  }
  clear(): void {
    this.planned = []
    this.delay = 0
  }
  /** The fault for this request, used up. @param request `POST /v1/customers` */
  take(request: string): Fault | undefined {
    const found = this.planned.find((one) => request.includes(one.of))
    if (!found) return undefined
    found.times--
    if (found.times <= 0) this.planned = this.planned.filter((one) => one !== found)
    return found.fault
  }
}
