import type { z } from 'zod'
import { atLeast } from '@/lib/permissions'
import { explain, type Explanation } from '@/server/authz/explain/explain'
import { decide, PARTS } from '@/server/authz/explain/decide'
import type { Facts, Question } from '@/server/authz/explain/facts'
import { extentOf } from '@/server/authz/reach-sql'
import { wishOf } from '@/server/authz/rights'
import { can, type SignedInOp } from '@/server/context/op'
import { inTenant } from '@/server/db/scope'
import { descriptorOf } from '@/server/features/resources/resources.service'
import { noteLook, subtenant } from '@/server/features/see-as/look'
import { denied } from '@/server/platform/errors'
import { factsHere, factsOfSelf, factsThere, type Gathered } from './explain.facts'
import { roleHolders } from './explain.repo'
import type {
  explainAsProviderInput,
  ExplainInput,
  explainPersonInput,
  ExplanationView,
} from './explain.schema'
import { NOTHING_OWNED, NOTHING_THERE, type Reader, toView } from './explain.view'

const questionOf = ({ verb, permission, level }: ExplainInput): Question =>
  permission ? { permission, level } : { verb }

/** Who looks after people and roles sees the whole chain; others only what their own roles reach exists for. */
const isKeeper = (op: SignedInOp) => can(op, 'users', 'full') && can(op, 'roles', 'full')

const nothing = (op: SignedInOp) => (op.tenant.isMaster ? NOTHING_OWNED : NOTHING_THERE)

/** @throws Error where the answer is not what the product does: a wrong explanation is worse than none */
function agreed({ facts, seen }: Gathered): Facts {
  const open = PARTS.licence(facts) && PARTS.tenant(facts) && PARTS.person(facts)
  if (facts.thing && seen !== null && open && decide(facts, { verb: 'see' }) !== seen)
    throw new Error(`explain: says ${String(!seen)} of seeing ${facts.thing.id}, the query ${String(seen)}`)
  return facts
}

/** Why I may or may not do something here. What my tenant or my roles do not show me is as if it never was. */
export async function explainOwn(op: SignedInOp, input: ExplainInput): Promise<ExplanationView> {
  const gathered = await factsOfSelf(op, input.id)
  const facts = agreed(gathered)
  const hidden = !facts.thing || (gathered.seen === false && !isKeeper(op))
  if (input.id !== undefined && hidden) return nothing(op)
  const question = questionOf(input)
  const reader: Reader = op.tenant.isMaster ? 'provider' : isKeeper(op) ? 'admin' : 'person'
  const why = explain(facts, question)
  const helpers = reader === 'person' && !why.allowed ? await helpersOf(op) : []
  return toView(reader, facts, question, why, helpers)
}

/** Why a list of a kind can be empty: from the roles alone, so that it says nothing of what is there beyond them. */
export function explainEmpty(op: SignedInOp, kind: string): { words: string } {
  const many = descriptorOf(kind).plural.toLowerCase()
  switch (extentOf(op.reach, kind)) {
    case 'none':
      return { words: `Your roles reach no ${many}.` }
    case 'some':
      return { words: `Your roles reach only some ${many}, and there are none among those.` }
    case 'all':
      return {
        words: op.tenant.isMaster
          ? `The master tenant owns no ${many}.`
          : `No ${many} are ${op.tenant.name}’s own, assigned to it, shared with it, or public where it may see them.`,
      }
  }
}

const MOST_NAMED = 3

/** People who can give roles here, for who may know the users. */
async function helpersOf(op: SignedInOp): Promise<string[]> {
  if (!can(op, 'users', 'read')) return []
  const holders = await inTenant(op, (tx) => roleHolders(tx, op.tenant.id))
  const keepers = holders.filter((role) => atLeast(wishOf(role).users ?? 'none', 'full'))
  return [...new Set(keepers.map(({ name }) => name))].slice(0, MOST_NAMED)
}

/** Why somebody of the acting tenant may or may not. @throws AppError not_found for a person who is not of it */
export async function explainPerson(
  op: SignedInOp,
  input: z.output<typeof explainPersonInput>,
): Promise<ExplanationView> {
  if (!can(op, 'roles', 'read')) throw denied()
  const facts = agreed(await factsHere(op, input.userId, input.id))
  if (input.id !== undefined && !(facts.thing && (await mayKnow(op, facts.thing.id)))) return nothing(op)
  const question = questionOf(input)
  return toView(op.tenant.isMaster ? 'provider' : 'admin', facts, question, explain(facts, question), [])
}

const mayKnow = async (op: SignedInOp, id: string): Promise<boolean> =>
  isKeeper(op) || (await factsOfSelf(op, id)).seen === true

/** Why somebody of a subtenant may or may not: the whole chain, for the provider. Stands in both logs. @throws AppError not_found */
export async function explainAsProvider(
  op: SignedInOp,
  input: z.output<typeof explainAsProviderInput>,
): Promise<ExplanationView> {
  if (!can(op, 'tenants', 'read')) throw denied()
  const tenant = await subtenant(op, input.tenantId)
  await noteLook(op, tenant, 'explain')
  const facts = agreed(await factsThere(op, tenant, input.userId, input.id))
  if (input.id !== undefined && !facts.thing) return nothing(op)
  const question = questionOf(input)
  const why: Explanation = explain(facts, question)
  return toView('provider', facts, question, why, [])
}
