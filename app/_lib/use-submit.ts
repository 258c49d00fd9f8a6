'use client'

import { useState } from 'react'
import { problemOf } from '@/app/_lib/api-client'
import type { FormError } from '@/ui/form-error-summary'

/**
 * Sending a form: whether it is under way, and what the server found wrong with it.
 * @param form begins the ids of its fields, so that the summary can lead to them
 */
export function useSubmit(form: string) {
  const [pending, setPending] = useState(false)
  const [fields, setFields] = useState<Record<string, string>>({})
  const [errors, setErrors] = useState<FormError[]>([])

  const fail = (problem: { message: string; fields?: Record<string, string> }) => {
    const wrong = problem.fields ?? {}
    setFields(wrong)
    const named = Object.entries(wrong).map(([name, message]) => ({ field: `${form}-${name}`, message }))
    setErrors(named.length > 0 ? named : [{ message: problem.message }])
  }

  return {
    pending,
    fields,
    errors,
    /** For `Field`: its id and what is wrong with it. */
    field: (name: string) => ({ id: `${form}-${name}`, error: fields[name] }),
    /** Does the work; what goes wrong stands in `fields` and `errors`. Whether it was done. */
    submit: async (work: () => Promise<unknown>): Promise<boolean> => {
      setPending(true)
      setFields({})
      setErrors([])
      try {
        await work()
        return true
      } catch (error) {
        fail(problemOf(error))
        return false
      } finally {
        setPending(false)
      }
    },
  }
}
