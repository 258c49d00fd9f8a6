import { HOST } from './host'
import type { ResourceKind } from './kind'

const KINDS: readonly ResourceKind[] = [HOST]

/** What a kind is called where it has no descriptor (a newer version wrote it): as it is stored. */
export function labelOfKind(kind: string): string {
  return KINDS.find((one) => one.kind === kind)?.label ?? kind
}
