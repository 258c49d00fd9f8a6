import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { prefixOf } from '@/app/_lib/prefix'
import { Answer } from '@/app/(console)/explain/_components/answer'
import { ExplainForm } from '@/app/(console)/explain/_components/explain-form'
import { readQuestion } from '@/app/(console)/explain/_components/question'
import { can, type SignedInOp } from '@/server/context/op'
import type { caller } from '@/app/_lib/caller'
import { EmptyState } from '@/ui/empty-state'
import { PageHeader } from '@/ui/page-header'
import { Waypoints } from 'lucide-react'

export const metadata = pageMetadata('(console)/explain')

type Api = ReturnType<typeof caller>
type Question = ReturnType<typeof readQuestion>

/** Who may ask about whom: oneself always; people of the tenant, and of others, by permission. */
const whoMay = (op: SignedInOp) => ({
  people: can(op, 'users', 'read') && can(op, 'roles', 'read'),
  tenants: op.tenant.isMaster && can(op, 'tenants', 'read') && can(op, 'tenantUsers', 'read'),
})

function ask(api: Api, { about, userId, tenantId }: Question) {
  if (!about) return null
  if (tenantId && userId) return api.explain.asProvider({ ...about, tenantId, userId })
  if (tenantId) return null
  return userId ? api.explain.person({ ...about, userId }) : api.explain.own(about)
}

export default definePage('(console)/explain', async ({ op, api, search }) => {
  const question = readQuestion(search)
  const may = whoMay(op)
  const answer = await ask(api, question)
  const { userId, tenantId } = question
  const person = !userId
    ? null
    : tenantId
      ? await api.tenantUsers.get({ tenantId, id: userId })
      : await api.users.get({ id: userId })
  const tenant = tenantId ? await api.tenants.get({ id: tenantId }) : null
  return (
    <>
      <PageHeader
        title="Explain"
        description="Why somebody may or may not do something: every link of the chain, and the one that is missing."
      />
      <div className="grid items-start gap-4 lg:grid-cols-[20rem_minmax(0,1fr)]">
        <ExplainForm
          question={question}
          may={may}
          person={person && { value: person.id, label: person.name }}
          tenant={tenant && { value: tenant.id, label: tenant.name }}
          thing={answer?.thing ? { value: answer.thing.id, label: answer.thing.name } : null}
          self={{ name: op.actor.displayName, tenant: op.tenant.name }}
        />
        {answer ? (
          <Answer
            answer={answer}
            prefix={prefixOf(op)}
            tenant={tenant && { id: tenant.id, name: tenant.name }}
          />
        ) : (
          <EmptyState icon={<Waypoints />} title={tenantId ? 'Choose a person' : 'Ask a question'}>
            {tenantId
              ? 'Choose who of this tenant the question is about.'
              : 'Choose a thing or a permission on the left. Where a page or a button says no, “Explain why” asks it for you.'}
          </EmptyState>
        )}
      </div>
    </>
  )
})
