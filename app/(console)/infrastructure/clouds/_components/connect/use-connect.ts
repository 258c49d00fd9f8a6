'use client'

import { useState } from 'react'
import { api } from '@/app/_lib/api-client'
import { useSubmit } from '@/app/_lib/use-submit'
import type {
  Certificate,
  ConnectorView,
  LookAnswer,
  Report,
} from '@/server/features/connections/connections.schema'
import type { PickerOption } from '@/ui/picker-panel'

/** The cloud whose connection is made or changed; none: a new one. */
export interface Existing {
  id: string
  name: string
  /** Of its connection. */
  connector?: string
  endpoint?: string
}

export type Trust = 'fingerprint' | 'ca' | 'public'

const usualTrust = (certificate: Certificate | null): Trust =>
  certificate?.trusted === false ? 'fingerprint' : 'public'

/** The state of a connection that is being made: where, whom to believe, as whom, and what came of it. */
export function useConnect(connectors: readonly ConnectorView[], existing?: Existing) {
  const [connectorId, setConnectorId] = useState(existing?.connector ?? connectors[0]?.id ?? '')
  const [endpoint, setEndpoint] = useState(existing?.endpoint ?? '')
  const [looked, setLooked] = useState<LookAnswer | null>(null)
  const [trust, setTrust] = useState<Trust>('public')
  const [confirmed, setConfirmed] = useState(false)
  const [ca, setCa] = useState('')
  const [values, setValues] = useState<Record<string, string>>({})
  const [name, setName] = useState('')
  const [location, setLocation] = useState('')
  const [tenant, setTenant] = useState<PickerOption | null>(null)
  const [untested, setUntested] = useState(false)
  const [done, setDone] = useState<{ id: string; name: string; report: Report | null } | null>(null)
  const form = useSubmit('connect')
  const connector = connectors.find(({ id }) => id === connectorId)

  /** What was seen of a server holds for this address only. */
  const forget = () => {
    setLooked(null)
    setConfirmed(false)
    setTrust('public')
  }
  const look = () =>
    form.submit(async () => {
      forget()
      const answer = await api().connections.look.mutate({ connector: connectorId, endpoint })
      setLooked(answer)
      if (answer.ok) setTrust(usualTrust(answer.certificate))
    })
  const valuesIn = (where: 'settings' | 'secret') =>
    Object.fromEntries(
      (connector?.fields ?? []).flatMap((field) =>
        field.in === where && values[field.name] ? [[field.name, values[field.name] ?? '']] : [],
      ),
    )
  const how = () => ({
    connector: connectorId,
    endpoint,
    settings: valuesIn('settings'),
    secret: valuesIn('secret'),
    untested,
    ...(trust === 'fingerprint' &&
      looked?.ok &&
      looked.certificate && { fingerprint: looked.certificate.fingerprint }),
    ...(trust === 'ca' && { ca }),
  })
  const send = () =>
    form.submit(async () => {
      setDone(
        existing
          ? await api().connections.connect.mutate({ id: existing.id, ...how() })
          : await api().connections.create.mutate({
              name,
              location,
              ...(tenant && { tenantId: tenant.value }),
              ...how(),
            }),
      )
    })
  return {
    ...{
      connector,
      connectorId,
      endpoint,
      looked,
      trust,
      confirmed,
      ca,
      values,
      name,
      location,
      tenant,
      untested,
      done,
      form,
    },
    ...{ setTrust, setConfirmed, setCa, setName, setLocation, setTenant, setUntested, look, send },
    setConnector: (id: string) => {
      setConnectorId(id)
      setValues({})
      forget()
    },
    setEndpoint: (text: string) => {
      setEndpoint(text)
      forget()
    },
    setValue: (field: string, text: string) => setValues((all) => ({ ...all, [field]: text })),
  }
}

export type Connecting = ReturnType<typeof useConnect>

/** Why it cannot be sent yet. */
export function whyNotSend(it: Connecting, isNew: boolean): string | false {
  if (it.endpoint.trim() === '') return 'Enter where the cloud is'
  if (!it.untested && !it.looked?.ok) return 'Look at the server first'
  if (it.trust === 'fingerprint' && it.looked?.ok && it.looked.certificate && !it.confirmed)
    return 'Compare the fingerprint of the certificate and confirm it'
  if (it.trust === 'ca' && it.ca.trim() === '') return 'Paste the certificate of the authority'
  const missing = it.connector?.fields.find(({ name, required }) => required && !it.values[name]?.trim())
  if (missing) return `${missing.label} is needed`
  return isNew && it.name.trim() === '' && 'Give the cloud a name'
}
