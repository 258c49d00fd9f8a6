'use client'

import { useState } from 'react'
import { post } from '@/app/(auth)/_lib/post'

/**
 * As `useSubmit`, for the forms of people who are not signed in: sends to an address, and keeps what is wrong.
 * @param form begins the ids of its fields, so that the summary can lead to them
 */
export function usePost(form: string) {
  const [pending, setPending] = useState(false)
  const [fields, setFields] = useState<Record<string, string>>({})
  const [message, setMessage] = useState('')
  const named = Object.entries(fields).map(([name, text]) => ({ field: `${form}-${name}`, message: text }))
  return {
    pending,
    errors: named.length > 0 ? named : message === '' ? [] : [{ message }],
    field: (name: string) => ({ id: `${form}-${name}`, error: fields[name] }),
    /** The answer; null: it was refused, and why stands in `errors`. It stays pending after an answer that leads away. */
    send: async <T>(path: string, body: object, leadsAway = false): Promise<T | null> => {
      setPending(true)
      setFields({})
      setMessage('')
      const answer = await post<T>(path, body)
      if (!answer.ok || !leadsAway) setPending(false)
      if (answer.ok) return answer.data
      setFields(answer.fields)
      setMessage(answer.message)
      return null
    },
  }
}
