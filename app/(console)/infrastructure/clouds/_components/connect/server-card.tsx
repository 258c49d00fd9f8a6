'use client'

import { ShieldCheck } from 'lucide-react'
import type { Connecting } from '@/app/(console)/infrastructure/clouds/_components/connect/use-connect'
import type { Certificate } from '@/server/features/connections/connections.schema'
import { Alert } from '@/ui/alert'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { Checkbox } from '@/ui/checkbox'
import { DescriptionList } from '@/ui/description-list'
import { Field } from '@/ui/field'
import { Input } from '@/ui/input'
import { RadioCards } from '@/ui/radio-cards'
import { Textarea } from '@/ui/textarea'

/** Where the cloud is, which certificate it shows, and whether that is the right one. */
export function ServerCard({ it }: { it: Connecting }) {
  const { connector, looked } = it
  return (
    <Card title="Where it is">
      <div className="grid gap-4">
        <div className="flex flex-wrap items-start gap-2">
          <Field
            {...it.form.field('endpoint')}
            label="Address"
            required
            hint={connector?.endpoint.hint}
            className="min-w-64 flex-1"
          >
            <Input
              value={it.endpoint}
              placeholder={connector?.endpoint.placeholder}
              autoCapitalize="none"
              spellCheck={false}
              onChange={(event) => it.setEndpoint(event.target.value)}
            />
          </Field>
          <Button
            className="mt-6.5"
            loading={it.form.pending}
            disabledReason={it.endpoint.trim() === '' && 'Enter the address first'}
            onClick={() => void it.look()}
          >
            Look at the server
          </Button>
        </div>
        {looked && !looked.ok && (
          <Alert tone="danger" title={looked.message}>
            {looked.remedy}
          </Alert>
        )}
        {looked?.ok && !looked.certificate && (
          <Alert tone="success">The socket is there. Whoever may open it needs no other proof.</Alert>
        )}
        {looked?.ok && looked.certificate && <CertificatePart it={it} certificate={looked.certificate} />}
      </div>
    </Card>
  )
}

const day = (iso: string): string => iso.slice(0, 10)
/** In groups of four, as servers print it. */
const grouped = (hex: string): string =>
  hex
    .toUpperCase()
    .match(/.{1,2}/g)
    ?.join(':') ?? hex

function CertificatePart({ it, certificate }: { it: Connecting; certificate: Certificate }) {
  return (
    <>
      <DescriptionList
        items={[
          { label: 'Certificate of', value: certificate.subject },
          { label: 'Signed by', value: certificate.issuer },
          { label: 'Valid', value: `${day(certificate.validFrom)} to ${day(certificate.validTo)}` },
          {
            label: 'SHA-256',
            value: grouped(certificate.fingerprint),
            copy: certificate.fingerprint,
            mono: true,
          },
        ]}
      />
      {certificate.trusted ? (
        <Alert tone="success">
          A public authority vouches for this server: nothing needs to be compared.
        </Alert>
      ) : (
        <RadioCards
          legend="No public authority vouches for it. How is it to be known?"
          name="trust"
          columns={2}
          value={it.trust}
          onChange={(value) => it.setTrust(value === 'ca' ? 'ca' : 'fingerprint')}
          options={[
            {
              value: 'fingerprint',
              label: 'By this very certificate',
              description: 'Any other one is refused, until you confirm it here.',
            },
            {
              value: 'ca',
              label: 'By your own authority',
              description: 'Certificates may change, as long as it signs them.',
            },
          ]}
        />
      )}
      {!certificate.trusted && it.trust === 'fingerprint' && (
        <Checkbox
          checked={it.confirmed}
          onChange={(event) => it.setConfirmed(event.target.checked)}
          label={
            <span className="inline-flex items-center gap-1.5">
              <ShieldCheck aria-hidden className="size-4 text-muted" />I compared the fingerprint with the one
              on the server
            </span>
          }
          description={FINGERPRINTS[it.connectorId]}
        />
      )}
      {it.trust === 'ca' && (
        <Field {...it.form.field('ca')} label="Certificate of the authority" required hint="PEM">
          <Textarea
            mono
            rows={5}
            spellCheck={false}
            value={it.ca}
            onChange={(event) => it.setCa(event.target.value)}
          />
        </Field>
      )}
    </>
  )
}

/** Where a server says its own fingerprint. */
const FINGERPRINTS: Readonly<Record<string, string>> = {
  proxmox: 'On a node: pvenode cert info, or in its web interface under System > Certificates.',
  incus: 'On the server: incus info, under certificate_fingerprint.',
}
