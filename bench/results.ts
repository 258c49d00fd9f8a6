import type { ViewerName } from '@/prisma/seed/large'
import type { DatabasePart } from './database-part'
import type { Load } from './load'
import type { PageWeight } from './pages'

/** Load on Freehold and on the bare server, one after the other. */
export interface Pair {
  freehold: Load
  bare: Load
}

export interface SizeResult {
  size: number
  lists: Partial<Record<ViewerName, Pair & { database: DatabasePart }>>
  reports: Pair & { agents: number }
}

export interface Results {
  machine: {
    cores: number
    cpu: string
    node: string
    postgres: string
    commit: string
    date: string
    loadBefore: number
  }
  /** Whether the production server with Next was measured, or bench/api-server.ts alone. */
  withNext: boolean
  seconds: number
  sizes: SizeResult[]
  /** Milliseconds to the first good /api/health/ready: an empty DATA_DIR, and the same once more. */
  start: { cold: number; warm: number }
  /** Milliseconds from nothing built to "who can sign in"; null: not measured. */
  demo: number | null
  pages: PageWeight[]
}
