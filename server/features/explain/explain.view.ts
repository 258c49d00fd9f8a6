import { VERBS } from '@/lib/access'
import { consolePaths } from '@/lib/paths'
import { kindOf } from '@/lib/resource-kinds/registry'
import { chainOf, summaryOf } from '@/server/authz/explain/chain'
import { decide } from '@/server/authz/explain/decide'
import { type Explanation } from '@/server/authz/explain/explain'
import type { Facts, Question } from '@/server/authz/explain/facts'
import type { Link, Mend, Mender } from '@/server/authz/explain/mend'
import { allVerbs } from '@/server/authz/reach'
import type { ExplanationView } from './explain.schema'

/** Who reads the answer: what they can do themselves is a link, the rest is whom to ask. */
export type Reader = 'provider' | 'admin' | 'person'

const LABELS: Record<Link, string> = {
  licence: 'Licence',
  tenant: 'Tenant',
  person: 'Person and session',
  assignment: 'Owner and assignment',
  visibility: 'Visibility',
  cloud: 'Cloud',
  share: 'Share',
  cap: 'Tenant role (cap)',
  role: 'Roles',
}

const CLOUD = kindOf('cloud')

/** Where a mend is made, below the tenant's root; null: not by this reader, or on no page. */
function hrefOf(reader: Reader, { tenant, thing }: Facts, { at, by }: Mend): string | null {
  const mine =
    reader === 'provider' || (reader === 'admin' && by !== 'provider' && (by !== 'owner' || tenant.isMaster))
  if (!at || !mine) return null
  const there = reader === 'provider' && !tenant.isMaster
  const kind = thing && kindOf(thing.kind)
  const paths = consolePaths('')
  switch (at.page) {
    case 'thing':
      return kind && (!there || thing.ownerId !== tenant.id) ? paths.resource(kind, thing.id) : null
    case 'cloud':
      return thing?.cloud && CLOUD ? paths.resource(CLOUD, thing.cloud.id) : null
    case 'tenant':
      return paths.tenant(tenant.id)
    case 'cap':
      return paths.cap(at.id)
    case 'role':
      return there ? paths.tenantRole(tenant.id, at.id) : paths.role(at.id)
    case 'user':
      return there ? paths.tenantUsers(tenant.id) : paths.settingsUsers
    case 'licence':
      return paths.settingsTenants
    case 'password':
      return null
  }
}

function remedyOf(reader: Reader, facts: Facts, mend: Mend): ExplanationView['remedies'][number] {
  const ask =
    reader === 'provider'
      ? ''
      : mend.by === 'provider' && !facts.tenant.isMaster
        ? 'Ask your provider: '
        : mend.by === 'owner' && !facts.tenant.isMaster
          ? 'Ask its owner: '
          : ''
  return {
    link: mend.link,
    code: mend.code,
    level: mend.level ?? null,
    words: ask + mend.remedy,
    href: hrefOf(reader, facts, mend),
    assign: reader === 'provider' && mend.at?.page === 'thing' && mend.at.action === 'assign',
  }
}

/** The same for what is foreign and for what never was (rule 1). */
export const NOTHING_THERE: ExplanationView = {
  found: false,
  allowed: false,
  summary: 'Nothing with this id exists for your tenant.',
  ask: 'Ask your provider to assign it to your tenant or to share it, if you should have it.',
  thing: null,
  chain: [],
  remedies: [],
  otherWays: [],
  verbs: [],
}
/** For the master, of whom nobody is the provider. */
export const NOTHING_OWNED: ExplanationView = {
  ...NOTHING_THERE,
  summary: 'Nothing with this id is among what the master tenant owns.',
  ask: 'What a tenant created is in its own lists: look there with “See as tenant”.',
}

/** The answer for its reader. @param helpers people to ask, where the reader may know them */
export function toView(
  reader: Reader,
  facts: Facts,
  question: Question,
  why: Explanation,
  helpers: readonly string[],
): ExplanationView {
  const { thing } = facts
  return {
    found: true,
    allowed: why.allowed,
    summary: summaryOf(facts, question, why),
    ask: why.allowed || reader !== 'person' ? null : askOf(facts, why, helpers),
    thing: thing && { id: thing.id, kind: thing.kind, name: thing.name },
    chain: chainOf(facts, question, why).map((one) => ({ ...one, label: LABELS[one.link] })),
    remedies: why.missing.map((mend) => remedyOf(reader, facts, mend)),
    otherWays: why.otherWays.map((mend) => remedyOf(reader, facts, mend)),
    verbs: thing
      ? VERBS.filter((verb) => allVerbs(thing.kind).includes(verb)).map((verb) => ({
          verb,
          allowed: decide(facts, { verb }),
        }))
      : [],
  }
}

/** What somebody without any say in it asks for, and of whom. */
function askOf({ tenant }: Facts, { missing, never }: Explanation, helpers: readonly string[]): string {
  const [first] = missing
  if (never || !first) return 'Nobody can give you this.'
  const inside = helpers.length > 0 ? helpers.join(' or ') : 'an administrator of your tenant'
  const whom: Record<Mender, string> = {
    provider: tenant.isMaster ? inside : 'your provider',
    owner: 'its owner',
    tenant: inside,
    person: 'nobody',
  }
  const asked = (by: Mender) => missing.filter((mend) => mend.by === by).map(({ remedy }) => remedy)
  return (Object.keys(whom) as Mender[])
    .filter((by) => asked(by).length > 0)
    .map((by) => `${by === 'person' ? 'Do it yourself' : `Ask ${whom[by]}`}: ${asked(by).join(' ')}`)
    .join(' ')
}
