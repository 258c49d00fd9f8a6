import { type OpName, type OpOf } from './ops'
import { type Actor, decides, exists, mayCreate, rightOf, verbsOf } from './people'
import { AREA, type Area, type GrantRole, homeOf, type Person, type State } from './state'
import { canBeActedOn, tenantRenames } from './sight'

// What a person may, beside what their tenant may: for operations that go through a procedure. Where the tenant may not, nobody asks.

const at = (by: Person): Actor => ({ person: by, tenant: homeOf(by) })
const areaOf = (state: State, slot: string): Area => AREA[state.resources[slot]?.kind ?? 'host']
const edits = (state: State, by: Person, slot: string) => verbsOf(state, at(by), slot).includes('edit')
/** Handing out what one has is more than editing it. */
const handsOut = (state: State, by: Person, slot: string) =>
  edits(state, by, slot) && rightOf(state, at(by), areaOf(state, slot)) === 'full'

/** Who shares gives no more than they hold: whoever may not use a thing shares it to look at only. */
function shares(state: State, by: Person, slot: string, role: GrantRole): boolean {
  const it = state.resources[slot]
  const gives = edits(state, by, slot) && rightOf(state, at(by), 'sharing') === 'full'
  return (
    gives && (role === 'viewer' || !it || !canBeActedOn(it) || verbsOf(state, at(by), slot).includes('act'))
  )
}
type May = { [Name in OpName]?: (state: State, op: OpOf<Name>) => boolean }

export const MAY: May = {
  create: (state, { by, kind, cloud }) => {
    if (kind === 'host') return false // comes by enrolment
    const stands = kind === 'cloud' ? null : cloud
    if (stands !== null && kind === 'instance_type') return false
    // A cloud that the master assigned away it still fills: what it adds goes where the cloud went (rule 4).
    if (stands !== null && !exists(state, at(by), stands)) return false
    return mayCreate(state, at(by), kind, stands)
  },
  rename: (state, { by, slot, name }) =>
    edits(state, by, slot) &&
    (state.resources[slot]?.name === name || tenantRenames(state, homeOf(by), slot)),
  edit: (state, { by, slot }) => edits(state, by, slot),
  remove: (state, { by, slot }) => verbsOf(state, at(by), slot).includes('delete'),
  assign: (state, { by, slot }) => handsOut(state, by, slot),
  publish: (state, { by, slot }) => handsOut(state, by, slot) && state.resources[slot]?.assigned === 'M',
  grant: (state, { by, slot, role }) => shares(state, by, slot, role),
  changeGrant: (state, { by, slot, role }) => shares(state, by, slot, role),
  revoke: (state, { by, slot }) => decides(state, at(by)) && edits(state, by, slot),
  accept: (state, { by, slot }) =>
    decides(state, at(by)) && rightOf(state, at(by), areaOf(state, slot)) !== 'none',
  setStatus: (state, { by }) => rightOf(state, at(by), 'tenants') === 'full',
  setCap: (state, { by }) => rightOf(state, at(by), 'tenants') === 'full',
}
