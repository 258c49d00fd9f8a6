import type { Connection } from './connection'
import { idFor } from './ids'
import { grantKey, type OpName, type OpOf } from './ops'
import { homeOf, type Kind, type State, type Tenant } from './state'

/** What a kind needs in its fields. */
const SPECS: Record<Kind, object> = {
  cloud: {},
  host: {},
  virtual_machine: {},
  virtual_image: { os: 'Debian', format: 'raw' },
  instance_type: { cores: 1, memory: 2 ** 30, disk: 2 ** 30 },
}

interface Call {
  name: string
  input: unknown
  /** Where the procedure makes something, the slot whose it is. */
  makes?: string
}
type Calls = {
  [Name in OpName]?: (op: OpOf<Name>, state: State, connection: Connection) => Promise<Call>
}

const grantSlot = (slot: string, to: Tenant) => `grant ${grantKey(slot, to)}`
const kindOf = (state: State, slot: string): Kind => state.resources[slot]?.kind ?? 'virtual_machine'

/** The whole form, as it was when it was opened. */
async function update(
  { db }: Connection,
  state: State,
  slot: string,
  name = state.resources[slot]?.name ?? 'x',
): Promise<Call> {
  const { rows } = await db.query<{ at: Date }>('select updated_at as at from resource where id = $1', [
    idFor(slot),
  ])
  const kind = kindOf(state, slot)
  const updatedAt = (rows[0]?.at ?? new Date()).toISOString()
  return { name: 'resources.update', input: { kind, id: idFor(slot), name, spec: SPECS[kind], updatedAt } }
}

/** The procedures that do what the model's operations say. */
export const CALLS: Calls = {
  create: async ({ slot, kind, name, cloud }) => {
    const inCloud = cloud !== null && kind !== 'cloud' ? { cloudId: idFor(cloud) } : {}
    return { name: 'resources.create', input: { kind, name, spec: SPECS[kind], ...inCloud }, makes: slot }
  },
  rename: (op, state, connection) => update(connection, state, op.slot, op.name),
  edit: (op, state, connection) => update(connection, state, op.slot),
  remove: async ({ slot }, state) => ({
    name: 'resources.remove',
    input: { kind: kindOf(state, slot), id: idFor(slot) },
  }),
  assign: async ({ slot, to }, state) => ({
    name: 'resources.assign',
    input: { kind: kindOf(state, slot), ids: [idFor(slot)], tenantId: idFor(to) },
  }),
  grant: async ({ slot, to, role }, state) => ({
    name: 'grants.create',
    input: { kind: kindOf(state, slot), resourceId: idFor(slot), tenantId: idFor(to), role },
    makes: grantSlot(slot, to),
  }),
  changeGrant: async ({ slot, to, role }) => ({
    name: 'grants.update',
    input: { id: idFor(grantSlot(slot, to)), role },
  }),
  revoke: async ({ slot, to }) => ({ name: 'grants.revoke', input: { ids: [idFor(grantSlot(slot, to))] } }),
  accept: async ({ by, slot }) => ({
    name: 'grants.accept',
    input: { id: idFor(grantSlot(slot, homeOf(by))) },
  }),
  publish: async ({ slot, visibility }, state) => ({
    name: 'resources.setVisibility',
    input: { kind: kindOf(state, slot), ids: [idFor(slot)], visibility },
  }),
}
