import { describe, expect, it, vi } from 'vitest'
import { IDP_METADATA } from '@/test/plant-identity'
import { refusal } from '@/test/refusal'
import { makeCertificate } from './certificate.fixture'
import { ACME, api, type Api, fields, sources, useIdentityWorld, world } from './identity-world.fixture'
import type { SamlProvider } from './saml.schema'

vi.hoisted(() => (process.env.LOG_LEVEL = 'silent'))

useIdentityWorld()

describe('SAML sources', () => {
  const { certificate } = makeCertificate()
  const saml = async (more: Partial<SamlProvider> = {}, name = 'Company login') => ({
    ...(await fields({ name })),
    provider: {
      ...{ kind: 'saml' as const, issuer: 'urn:example:idp', ssoUrl: 'https://login.example.com/sso' },
      ...{ certificates: certificate, subjectAttribute: '', ...more },
    },
  })
  const create = async (of: Api, more?: Partial<SamlProvider>, name?: string) =>
    of.identity.create({ draft: (await of.identity.list()).draft.token, ...(await saml(more, name)) })

  it('are added with what their metadata say, told with their addresses, and changed', async () => {
    const ada = await api('ada')
    const read = await ada.identity.readMetadata({ xml: IDP_METADATA })
    expect(read).toMatchObject({
      issuer: 'https://login.example.com',
      ssoUrl: 'https://login.example.com/sso',
    })
    const { warnings: _none, ...provider } = read
    const { id } = await create(ada, provider)
    const base = `${ACME}/api/sso/saml/${id}`
    const [source] = await sources(ada)
    expect(source).toMatchObject({
      issuer: 'https://login.example.com',
      provider: { kind: 'saml', ...provider, subjectAttribute: '' },
      addresses: [{ value: `${base}/metadata` }, { value: `${base}/acs` }],
    })
    expect(source?.facts.map(({ label }) => label)).toEqual([
      'Sign-in address',
      'Certificate',
      'Who somebody is, says',
    ])
    await ada.identity.update({
      id,
      ...(await saml({ certificates: `${read.certificates}\n${certificate}` })),
    })
    expect((await sources(ada))[0]?.facts).toHaveLength(4)
    const logged = await world.sql<{ after: object }>(
      `select after from audit_event where event like 'identity.%'`,
    )
    expect(logged.map((one) => one.after)).toMatchObject([
      { kind: 'saml', certificates: [expect.stringMatching(/^[0-9a-f]{64}$/)] },
      { certificates: [{}, {}].map(() => expect.stringMatching(/^[0-9a-f]{64}$/) as string) },
    ])
    const tom = await api('tom')
    expect(await refusal(tom.identity.readMetadata({ xml: IDP_METADATA }))).toMatchObject({
      code: 'access_denied',
    })
    expect(
      await ada.identity.test({ provider: (await saml({ ssoUrl: 'https://10.0.0.1/' })).provider }),
    ).toMatchObject({
      ok: true,
    })
  })

  it('I05 have their metadata read in a time that grows with their length alone, and not again and again', async () => {
    const [ada, comment] = [await api('ada'), '<!-- from the provider -->']
    const xml = `${comment}${IDP_METADATA.replace(/>$/, `>${comment}`)}`
    expect(await ada.identity.readMetadata({ xml })).toMatchObject({ issuer: 'https://login.example.com' })
    const began = performance.now()
    expect(await refusal(ada.identity.readMetadata({ xml: '<!--'.repeat(74_000) }))).toMatchObject({
      xml: expect.stringContaining('comment') as string,
    })
    expect(performance.now() - began).toBeLessThan(1000)
    for (let i = 0; i < 28; i++) await ada.identity.readMetadata({ xml })
    expect(await refusal(ada.identity.readMetadata({ xml }))).toMatchObject({ code: 'rate_limited' })
  })

  it('are refused in words at the field that is wrong', async () => {
    const ada = await api('ada')
    const table: [Partial<SamlProvider>, string][] = [
      [{ certificates: 'nothing!' }, 'certificates'],
      [{ ssoUrl: 'https://user:pass@login.example.com/' }, 'ssoUrl'],
      [{ ssoUrl: 'javascript:alert(1)' }, 'ssoUrl'],
      [{ issuer: 'no entity id' }, 'issuer'],
      [{ subjectAttribute: 'a b' }, 'subjectAttribute'],
    ]
    for (const [more, field] of table)
      expect(JSON.stringify(await refusal(create(ada, more)))).toContain(field)
    expect(await create(ada)).toMatchObject({ name: 'Company login' })
  })

  it('C18 stay of their kind, and what says who somebody is stays once people use them', async () => {
    const ada = await api('ada')
    const { id } = await create(ada)
    const change = async (more: Partial<SamlProvider>) => ada.identity.update({ id, ...(await saml(more)) })
    expect(await refusal(ada.identity.update({ id, ...(await fields()), secret: 'x' }))).toMatchObject({
      code: 'conflict',
    })
    expect(await change({ subjectAttribute: 'employee', issuer: 'urn:example:other' })).toMatchObject({ id })
    await world.sql(
      `insert into user_identity (tenant_id, issuer, subject, user_id, source_id, synced_roles) values ($1, 'urn:example:other', 'x', $2, $3, '{}')`,
      [world.acme, world.ids.tom, id],
    )
    const used = { subjectAttribute: 'employee', issuer: 'urn:example:other' }
    expect(await change(used)).toMatchObject({ id })
    for (const more of [
      { subjectAttribute: '' },
      { subjectAttribute: 'mail' },
      { issuer: 'urn:example:idp' },
    ])
      expect(await refusal(change({ ...used, ...more }))).toMatchObject({ code: 'conflict' })
  })
})
