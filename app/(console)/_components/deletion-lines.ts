import type { DeletionPlan } from '@/server/features/tenants/tenants.schema'

const count = (n: number, one: string) => `${n} ${n === 1 ? one : `${one}s`}`
const list = ({ total, names }: DeletionPlan['users']) =>
  total === 0 ? '' : `: ${names.join(', ')}${total > names.length ? ` and ${total - names.length} more` : ''}`

const things = ({ total, label, plural }: DeletionPlan['owned'][number]) =>
  `${total} ${(total === 1 ? label : plural).toLowerCase()}`

/** All that dies with a tenant, a line each (PRODUCT rule 18). */
export function deletionLines({ users, owned, returned, ...plan }: DeletionPlan): string[] {
  const lines = [
    users.total > 0 && `${count(users.total, 'user')}${list(users)}`,
    ...owned.map((of) => `${things(of)} that it owns${list(of)}`),
    plan.agents > 0 && `${count(plan.agents, 'agent')} told to uninstall`,
    ...returned.map(
      (of) => `${things(of)} of the master, which ${of.total === 1 ? 'comes' : 'come'} back to it${list(of)}`,
    ),
    plan.roles > 0 && `${count(plan.roles, 'role')} of its own`,
    plan.groups > 0 && count(plan.groups, 'group'),
    plan.sharesOut > 0 && `${count(plan.sharesOut, 'share')} with other tenants`,
    plan.sharesIn > 0 && `${count(plan.sharesIn, 'share')} that others made with it`,
    plan.sessions > 0 && `${count(plan.sessions, 'session')}, ended at once`,
    plan.enrolmentTokens > 0 && count(plan.enrolmentTokens, 'enrolment token'),
    `The subdomain “${plan.slug}”: nobody gets it for ${plan.restDays} days`,
  ]
  return lines.filter((line): line is string => line !== false)
}
