import type { Access, GrantRole, Kind, Levels, Person, RoleAccess, State, Tenant } from './state'

/** Everything that people of the model do; each acts in the tenant where they are at home. */
export type Op =
  | { op: 'create'; by: Person; slot: string; kind: Kind; name: string; cloud: string | null }
  | { op: 'rename'; by: Person; slot: string; name: string }
  | { op: 'edit'; by: Person; slot: string }
  | { op: 'remove'; by: Person; slot: string }
  | { op: 'assign'; by: Person; slot: string; to: Tenant }
  | { op: 'publish'; by: Person; slot: string; visibility: 'private' | 'public' }
  | { op: 'capCloud'; by: Person; cap: string; cloud: string; level: Access | null }
  | { op: 'capDefault'; by: Person; cap: string; level: Access }
  | { op: 'capLevels'; by: Person; cap: string; levels: Levels }
  | { op: 'setCap'; by: Person; tenant: Tenant; cap: string }
  | { op: 'setStatus'; by: Person; tenant: Tenant; active: boolean }
  | { op: 'addCloud'; by: Person; cloud: string }
  | { op: 'dropCloud'; by: Person; cloud: string }
  | { op: 'grant'; by: Person; slot: string; to: Tenant; role: GrantRole }
  | { op: 'changeGrant'; by: Person; slot: string; to: Tenant; role: GrantRole }
  | { op: 'revoke'; by: Person; slot: string; to: Tenant }
  | { op: 'accept'; by: Person; slot: string }
  | { op: 'acceptance'; by: Person; on: boolean }
  | { op: 'grantAll'; by: Person; to: Tenant; kind: Kind; role: GrantRole }
  | { op: 'revokeAll'; by: Person; to: Tenant; kind: Kind }
  | { op: 'expire'; what: 'grant' | 'grantAll' | 'assignment'; nth: number }
  | { op: 'member'; by: Person; group: string; slot: string; add: boolean }
  | { op: 'tag'; by: Person; slot: string; tag: string; add: boolean }
  | { op: 'createRole'; by: Person; role: string; multi: boolean; levels: Levels; access: RoleAccess }
  | { op: 'editRole'; by: Person; role: string; levels: Levels; access: RoleAccess }
  | { op: 'deleteRole'; by: Person; role: string }
  | { op: 'diverge'; by: Person; template: string; role: string; levels: Levels; access: RoleAccess }
  | { op: 'relink'; by: Person; role: string }
  | { op: 'assignRole'; by: Person; user: Person; role: string; scope: string; expired: boolean }
  | { op: 'unassign'; by: Person; nth: number }
export type OpName = Op['op']
export type OpOf<Name extends OpName> = Extract<Op, { op: Name }>

/**
 * What becomes of an operation. `wall`: the database refuses it whoever asks, `service`: only our code does, `skip`: it makes
 * no sense here and is not tried.
 */
export type Verdict = 'ok' | 'wall' | 'service' | 'skip'

export interface Rules<Name extends OpName> {
  /** What the acting tenant may, whoever acts for it. */
  verdict: (state: State, op: OpOf<Name>) => Verdict
  /** Changes the state in place; only after `ok`. */
  apply: (state: State, op: OpOf<Name>) => void
}
export type RulesOf<Names extends OpName> = { [Name in Names]: Rules<Name> }

export const wall = (fine: boolean): Verdict => (fine ? 'ok' : 'wall')
export const grantKey = (slot: string, to: Tenant): string => `${slot} ${to}`
export const allKey = (to: Tenant, kind: Kind): string => `${to} ${kind}`
