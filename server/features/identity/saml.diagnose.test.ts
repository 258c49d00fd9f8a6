import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeCertificate } from './certificate.fixture'
import { readCertificates } from './saml.certificates'
import { diagnoseSaml } from './saml.diagnose'
import { idpMetadata } from './saml.metadata'
import { readXml } from './saml.xml'

const [one, two, old] = [makeCertificate(), makeCertificate({ days: 10 }), makeCertificate({ days: -1 })]
const bare = (pem: string) => pem.replace(/-----[A-Z ]+-----|\s/g, '')

describe('certificates', () => {
  it('are read from PEM, one after the other, or from base64 alone; each once', () => {
    const count = (text: string) => {
      const read = readCertificates(text)
      return 'wrong' in read ? read.wrong : read.certificates.length
    }
    expect([
      count(one.certificate),
      count(bare(one.certificate)),
      count(`${one.certificate}\r\n${two.certificate}`),
    ]).toEqual([1, 1, 2])
    expect(count(`${one.certificate}\n${one.certificate}`)).toBe(1)
  })

  it('are refused in words', () => {
    const wrong = (text: string) => {
      const read = readCertificates(text)
      return 'wrong' in read ? read.wrong : 'none'
    }
    expect(wrong('hello, world')).toMatch(/begin with/)
    expect(wrong(`${one.certificate}\nand more`)).toMatch(/begin with/)
    expect(wrong(one.key)).toMatch(/begin with/)
    expect(wrong(one.certificate.replace(/MII/, 'AAA'))).toBe('Certificate 1 cannot be read')
    expect(wrong(makeCertificate({ bits: 1024 }).certificate)).toBe(
      'Certificate 1 has a key of less than 2048 bits',
    )
    const many = Array.from({ length: 6 }, () => makeCertificate().certificate).join('\n')
    expect(wrong(many)).toBe('At most 5 certificates')
  })
})

const KEY = (pem: string, use = ' use="signing"') =>
  `<KeyDescriptor${use}><ds:KeyInfo><ds:X509Data><ds:X509Certificate>\n${bare(pem)}\n</ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor>`
const SSO = (binding: string, location: string) =>
  `<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:${binding}" Location="${location}"/>`
const IDP = (inside: string, attributes = '') =>
  `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="https://idp.example"><IDPSSODescriptor${attributes}>${inside}</IDPSSODescriptor></EntityDescriptor>`
const BOTH = SSO('HTTP-POST', 'https://idp.example/post') + SSO('HTTP-Redirect', 'https://idp.example/sso')

describe('metadata', () => {
  it('say entity id, address and all signing certificates', () => {
    const read = idpMetadata(
      `<?xml version="1.0"?>\n<!-- ours -->${IDP(KEY(one.certificate) + KEY(two.certificate, '') + KEY(old.certificate, ' use="encryption"') + BOTH)}`,
    )
    expect(read).toEqual({
      issuer: 'https://idp.example',
      ssoUrl: 'https://idp.example/sso',
      certificates: `${one.certificate}\n${two.certificate}`,
      warnings: [],
    })
    expect(idpMetadata(IDP(KEY(one.certificate) + BOTH, ' WantAuthnRequestsSigned="true"')).warnings).toEqual(
      [expect.stringContaining('signed requests')],
    )
  })

  it('are refused in words', () => {
    const whole = IDP(KEY(one.certificate) + BOTH)
    const table: [string, RegExp][] = [
      ['hello', /cannot be read|is empty/],
      ['<html><body></body></html>', /not the metadata of an identity provider/],
      [`<x>${whole}${whole}</x>`, /several identity providers/],
      [
        IDP(KEY(one.certificate) + SSO('HTTP-POST', 'https://x.example')),
        /no sign-in address for HTTP-Redirect/,
      ],
      [IDP(BOTH), /Enter certificates/],
      [`<!DOCTYPE x [<!ENTITY a "b">]>${whole}`, /DTD/],
      [whole.replace('</EntityDescriptor>', ''), /XML/],
    ]
    for (const [xml, words] of table)
      expect(() => idpMetadata(xml)).toThrow(
        expect.objectContaining({ message: expect.stringMatching(words) as string }),
      )
    expect(idpMetadata(whole).issuer).toBe('https://idp.example')
  })

  it('I03 hide no DTD behind a comment', () => {
    expect(readXml('<!-- x --><a/>', true).documentElement.tagName).toBe('a')
    for (const text of [
      '<!-- x --><!DOCTYPE a><a/>',
      '<!--<!-- --><!DOCTYPE a><a/>',
      '<?xml version="1.0"?><!ENTITY x "y"><a/>',
      '<!<!-- -->DOCTYPE a><a/>',
    ])
      expect(() => readXml(text, true)).toThrow()
    expect(() => readXml('<!-- x --><a/>', false)).toThrow()
  })
})

describe('a test of a SAML source', () => {
  let server: http.Server
  let origin: string
  beforeAll(async () => {
    server = http.createServer((request, response) => {
      response.writeHead(request.url === '/sso' ? 500 : 404).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => {
    server.close()
  })
  const test = (certificates: string, ssoUrl = `${origin}/sso`) =>
    diagnoseSaml({ kind: 'saml', issuer: 'https://idp.example', ssoUrl, certificates, subjectAttribute: '' })

  it('says step by step what works, and until when', async () => {
    const { ok, steps } = await test(`${one.certificate}\n${two.certificate}\n${old.certificate}`)
    expect([ok, steps.map((step) => step.ok)]).toEqual([true, [true, true, false, true, true]])
    expect(steps[1]?.text).toMatch(/Add the next one/)
    expect(steps[2]?.text).toMatch(/expired on .* Nothing that it signs counts/)
  })

  it('says what is wrong, in words', async () => {
    const table: [string, string | undefined, RegExp][] = [
      ['no certificate!', undefined, /begin with/],
      [old.certificate, undefined, /No certificate is valid now/],
      [one.certificate, `${origin}/nowhere`, /nothing at the sign-in address/],
      [one.certificate, 'http://127.0.0.1:1/', /nothing answers at this port/],
      [one.certificate, 'https://nosuch.invalid', /No server has this name/],
    ]
    for (const [certificates, address, words] of table) {
      const { ok, steps } = await test(certificates, address)
      expect([ok, steps.at(-1)?.text]).toEqual([false, expect.stringMatching(words)])
    }
    // in a network that is not asked from here, a browser may well reach it
    expect(await test(one.certificate, 'https://10.0.0.1/sso')).toMatchObject({ ok: true })
  })
})
