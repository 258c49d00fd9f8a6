import type { StoredRole } from '@/server/authz/rights'

const builtIn = (label: string, name: string): { label: string; role: StoredRole } => ({
  label,
  role: { builtIn: name, levels: {} },
})

/** Who stands for a tenant's people where it is said what they could do. */
export const SAMPLES = [
  builtIn('Owner', 'owner'),
  builtIn('Editor', 'editor'),
  builtIn('Viewer', 'viewer'),
] as const
