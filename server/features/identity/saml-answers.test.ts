import { beforeEach, describe, expect, it, vi } from 'vitest'
import { Browser } from '@/server/features/sign-in/browser.fixture'
import { dispatch } from '@/server/http/dispatch'
import { makeCertificate } from './certificate.fixture'
import { type Answer, postAcross } from './saml.fixture'
import {
  ACME,
  BOLT,
  LEA,
  NO,
  acme,
  at,
  forger,
  ofAcme,
  ofBolt,
  startOf,
  toOf,
  tries,
  useSamlWorld,
  world,
} from './saml-world.fixture'

vi.hoisted(() => (process.env.LOG_LEVEL = 'silent'))

// What an honest provider would never send, and is refused.

useSamlWorld()

describe('an answer is refused', () => {
  beforeEach(() => acme())
  const refused = async (answer: Answer, reason: string | RegExp) =>
    expect([await tries(answer), answer]).toEqual([[NO, expect.stringMatching(reason) as string], answer])

  it('C12 unsigned, or signed by somebody else, by the response alone, or with SHA-1', async () => {
    expect(await tries({})).toBe('in')
    expect(await tries({ sign: ['Assertion', 'Response'] })).toBe('in')
    await refused({ sign: [] }, 'the assertion is not signed')
    await refused({ sign: ['Response'] }, 'the assertion is not signed')
    await refused({ key: makeCertificate().key }, 'the signature does not hold')
    await refused({ algorithm: 'sha1' }, /algorithm that is not taken here/)
  })

  it('C12 with a key that it brings itself', async () => {
    const other = makeCertificate()
    const info = `<KeyInfo><X509Data><X509Certificate>${other.certificate.replace(/-----[A-Z ]+-----|\s/g, '')}</X509Certificate></X509Data></KeyInfo></Signature>`
    await refused(
      { key: other.key, after: (xml) => xml.replace('</Signature>', info) },
      'the signature does not hold',
    )
  })

  it('C12 changed after it was signed', async () => {
    const change = (from: string, to: string): Answer => ({ after: (xml) => xml.replace(from, to) })
    await refused(change('lea-1', 'ada-1'), 'the signature does not hold')
    await refused(change('>all<', '>boss<'), 'the signature does not hold')
    await refused(
      { ...change('Success', 'Failed'), sign: ['Assertion', 'Response'] },
      'the provider refused: Failed',
    )
  })

  it('C12 with another assertion wrapped around, before, after or inside the signed one', async () => {
    const evil = (xml: string) => {
      const [assertion = ''] = /<saml:Assertion .*<\/saml:Assertion>/s.exec(xml) ?? []
      const bare = assertion.replace(/<(?:ds:)?Signature.*<\/(?:ds:)?Signature>/s, '')
      return { assertion, forged: bare.replace('lea-1', 'ada-1').replace(/ ID="[^"]*"/, ' ID="_evil"') }
    }
    const wraps: ((xml: string) => string)[] = [
      // beside it
      (xml) => xml.replace('<saml:Assertion ', `${evil(xml).forged}<saml:Assertion `),
      (xml) => xml.replace('</samlp:Response>', `${evil(xml).forged}</samlp:Response>`),
      // the signed one inside a forged one, or inside of something that nobody reads
      (xml) =>
        xml.replace(
          evil(xml).assertion,
          evil(xml).forged.replace('</saml:Assertion>', `${evil(xml).assertion}</saml:Assertion>`),
        ),
      (xml) =>
        xml.replace(
          evil(xml).assertion,
          `<samlp:Extensions>${evil(xml).assertion}</samlp:Extensions>${evil(xml).forged}`,
        ),
      // the forged one takes the signature along, with the signed one inside it
      (xml) => {
        const { assertion, forged } = evil(xml)
        const [signature = ''] = /<(?:ds:)?Signature.*<\/(?:ds:)?Signature>/s.exec(assertion) ?? []
        const original = assertion.replace(signature, '')
        const object = signature.replace(
          /<\/((?:ds:)?)Signature>$/,
          `<Object>${original}</Object></$1Signature>`,
        )
        return xml.replace(assertion, forged.replace('</saml:Issuer>', `</saml:Issuer>${object}`))
      },
      // the same id twice
      (xml) => {
        const { assertion, forged } = evil(xml)
        const id = / ID="([^"]*)"/.exec(assertion)?.[1] ?? ''
        return xml.replace(
          '<samlp:Status>',
          `<samlp:Extensions>${forged.replace('_evil', id)}</samlp:Extensions><samlp:Status>`,
        )
      },
    ]
    for (const after of wraps)
      await refused({ after }, /more than one assertion|does not hold|not signed|where none belongs/)
    await refused(
      { after: (xml) => xml.replace('</saml:Issuer>', '</saml:Issuer><saml:Assertion ID="x"/>') },
      /more than one assertion/,
    )
    // an answer that is good otherwise, with a second signature somewhere in it
    await refused(
      {
        after: (xml) => {
          const [signature = ''] = /<(?:ds:)?Signature.*<\/(?:ds:)?Signature>/s.exec(xml) ?? []
          return xml.replace(
            '<samlp:Status>',
            `<samlp:Extensions>${signature}</samlp:Extensions><samlp:Status>`,
          )
        },
      },
      'where none belongs',
    )
    expect(await world.sql('select subject from user_identity')).toEqual([])
  })

  it('C12 meant for another audience, address or request, or from another issuer', async () => {
    await refused({ audience: at(BOLT, ofBolt, 'metadata') }, 'another audience')
    await refused({ audience: null }, 'another audience')
    await refused({ recipient: at(BOLT, ofAcme, 'acs') }, 'meant for another address')
    await refused({ destination: at(BOLT, ofAcme, 'acs') }, 'meant for another address')
    await refused({ inResponseTo: '_other' }, 'to another request')
    await refused({ issuer: 'https://other.example' }, 'of another issuer')
    const [ours, other] = [forger.issuer, 'https://other.example'].map(
      (one) => `<saml:Issuer>${one}</saml:Issuer><samlp:Status>`,
    ) as [string, string]
    await refused(
      { issuer: 'https://other.example', before: (xml) => xml.replace(other, ours) },
      'the assertion is of another issuer',
    )
    await refused({ after: (xml) => xml.replace(ours, other) }, 'the answer is of another issuer')
    await refused({ method: 'urn:oasis:names:tc:SAML:2.0:cm:sender-vouches' }, 'for whom it is')
    await refused({ authn: false }, 'does not say that anybody signed in')
  })

  it('C12 too late or too early, beyond what clocks may differ', async () => {
    expect(await tries({ notOnOrAfter: -30, notBefore: 30 })).toBe('in')
    await refused({ notOnOrAfter: -90 }, 'expired|does not hold')
    await refused({ conditionsNotOnOrAfter: -90 }, 'expired')
    await refused({ notBefore: 120 }, 'not valid yet')
    await refused({ issuedAt: -3600 }, 'expired|does not hold')
  })

  it('I03 with a DTD, a comment, an instruction, or what is no XML at all', async () => {
    const dtd = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    for (const after of [
      (xml: string) => dtd + xml,
      (xml: string) => xml.replace('lea-1', 'lea-1<!-- -->'),
      (xml: string) => xml.replace('<samlp:Status>', '<?x?><samlp:Status>'),
      (xml: string) => xml.replace('lea-1', '<![CDATA[lea-1]]>'),
    ])
      await refused({ after }, 'not read here')
    await refused({ after: (xml) => xml.replace('</samlp:Response>', '') }, 'the XML is broken|does not hold')
    await refused({ after: () => '' }, 'no base64')
    await refused({ after: () => 'x'.repeat(250_000) }, 'too long')
    await refused({ after: (xml) => xml.replace(/2.0:protocol/g, '1.0:protocol') }, 'no SAML 2.0 response')
  })

  it('in the provider’s own words where it refuses', async () => {
    await refused({ status: 'InvalidNameIDPolicy', sign: [] }, 'the provider refused: InvalidNameIDPolicy')
    await refused(
      { after: (xml) => xml.replace(/<saml:Assertion .*<\/saml:Assertion>/s, '<saml:EncryptedAssertion/>') },
      'encrypted',
    )
  })

  it('J01 as another type of body, or a longer one', async () => {
    const b = new Browser(dispatch)
    const form = { SAMLResponse: forger.answer(toOf(await startOf(b)), { attributes: LEA }) }
    const send = async (more: object, type?: string) =>
      (await postAcross(dispatch, at(ACME, ofAcme, 'acs'), { ...form, ...more }, type)).headers.get(
        'location',
      )
    expect(await send({}, 'text/plain')).toBe(NO)
    expect(await send({ x: 'x'.repeat(400_001) })).toBe(NO)
    expect(await send({})).toBe(at(ACME, ofAcme, 'continue'))
  })
})
