'use client'

import type { FormEvent } from 'react'
import { AccessSection } from '@/app/(console)/_components/resources/form/access-section'
import { doubledParameter, type TenantChoice } from '@/app/(console)/_components/resources/form/form-values'
import { ResourceFields } from '@/app/(console)/_components/resources/form/resource-fields'
import { useResourceForm } from '@/app/(console)/_components/resources/form/use-resource-form'
import type { TenantPrefix } from '@/lib/host'
import { consolePaths } from '@/lib/paths'
import type { KindView } from '@/lib/resource-kinds/kind'
import type { ResourceDetail } from '@/server/features/resources/resources.schema'
import { Alert } from '@/ui/alert'
import { Button, ButtonLink } from '@/ui/button'
import { Card } from '@/ui/card'
import { FormErrorSummary } from '@/ui/form-error-summary'

interface Props {
  kind: KindView
  prefix: TenantPrefix
  /** Unset: a new one. */
  resource?: ResourceDetail
  /** The master tenant itself, where its people work: they choose who has the thing. */
  master?: TenantChoice
  /** Why a new thing cannot be handed on. */
  locked?: string
}

/** Makes a resource of any kind, or changes one; for the master with Visibility and Tenant, in one save. */
export function ResourceForm({ kind, prefix, resource, master, locked }: Props) {
  const { form, values, change, access, setAccess, ...rest } = useResourceForm(kind, prefix, resource, master)
  const paths = consolePaths(prefix)
  const doubled = doubledParameter(values)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!form.pending) void rest.submit()
  }
  return (
    <form method="post" onSubmit={submit} noValidate className="grid max-w-3xl gap-4">
      <FormErrorSummary errors={form.errors} />
      {rest.overtaken && resource && (
        <Alert
          tone="warning"
          title="Somebody saved it since you opened this form"
          action={
            <>
              <ButtonLink size="sm" href={paths.resource(kind, resource.id)} target="_blank">
                See it as it is now
              </ButtonLink>
              <Button size="sm" onClick={() => void rest.overwrite()}>
                Save mine over it
              </Button>
            </>
          }
        >
          What you typed is still here.
        </Alert>
      )}
      <Card>
        <ResourceFields
          kind={kind}
          values={values}
          change={change}
          field={form.field}
          id={resource?.id}
          told={resource?.told}
          nameLocked={resource?.can.rename.allowed === false ? resource.can.rename.reason : undefined}
        />
      </Card>
      {access && master && (
        <AccessSection
          kind={kind}
          masterId={master.id}
          isNew={!resource}
          value={access}
          onChange={setAccess}
          {...rest.whatIf}
          field={form.field}
          locked={resource ? resource.can.assign.reason : locked}
        />
      )}
      <div className="flex justify-end gap-2">
        <ButtonLink href={resource ? paths.resource(kind, resource.id) : paths.kind(kind)}>Cancel</ButtonLink>
        <Button
          type="submit"
          variant="primary"
          loading={form.pending}
          disabledReason={doubled !== null && `Two parameters are called ${doubled}`}
        >
          {resource ? 'Save changes' : `Create ${kind.label.toLowerCase()}`}
        </Button>
      </div>
    </form>
  )
}
