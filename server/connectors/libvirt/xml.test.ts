import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConnectorError } from '../contract'
import { allAt, attributeAt, bytesAt, readXml, textAt } from './xml'

const codeOf = (text: string): string => {
  try {
    readXml(text)
    return 'none'
  } catch (error) {
    return error instanceof ConnectorError ? error.code : String(error)
  }
}

describe('XML of libvirt', () => {
  it('is read by paths, whatever prefixes its names have', () => {
    const root =
      readXml(`<domain type='kvm'><!-- by hand --><memory unit='GiB'>2</memory><vcpu>4<x>5</x></vcpu>
      <metadata><a:os xmlns:a='urn:a' id='1'/><note><![CDATA[<b>]]></note></metadata>
      <devices><disk><target dev='vda'/></disk><disk/><disk><target dev='vdb'/></disk></devices></domain>`)
    expect(attributeAt('type', root)).toBe('kvm')
    expect(attributeAt('id', root, 'metadata', 'os')).toBe('1')
    expect(textAt(root, 'metadata', 'note')).toBe('<b>')
    expect(textAt(root, 'vcpu')).toBe('4')
    expect(allAt(root, 'devices', 'disk')).toHaveLength(3)
    expect(allAt(root, 'devices', 'disk', 'target').map((each) => each.getAttribute('dev'))).toEqual([
      'vda',
      'vdb',
    ])
    expect(textAt(root, 'nowhere', 'at', 'all')).toBe('')
    expect(bytesAt(root, 'memory')).toBe(2 ** 31)
  })

  it.each([
    ["<c unit='KiB'>3</c>", 3072],
    ["<c unit='KB'>3</c>", 3000],
    ['<c>3</c>', 3],
    ["<c unit='constructor'>3</c>", undefined],
    ['<c>-3</c>', undefined],
    ['<c>many</c>', undefined],
  ])('tells sizes: %s', (text, bytes) => {
    expect(bytesAt(readXml(text))).toBe(bytes)
  })

  it.each([
    ['<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'],
    ['<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>'],
    ['<x>&a;</x>'],
    ['<x><y></x>'],
    ['<x'],
    ['text'],
    [''],
    [`<x>${' '.repeat(1_000_000)}</x>`],
  ])('is refused: %s', (text) => {
    expect(codeOf(text.slice(0, 2_000_000))).toBe('bad_answer')
  })

  it('does not hold up everybody, however it is built', () => {
    const many = (text: string, times: number) => text.repeat(times)
    const shapes = {
      deep: many('<x>', 100_000) + many('</x>', 100_000),
      'less deep': many('<x>', 9_000) + many('</x>', 9_000),
      names: many("<x xmlns:a='u'>", 20_000) + many('</x>', 20_000),
      'fewer names': many("<x xmlns:a='u'>", 190) + many('<x>', 9_000) + many('</x>', 9_190),
      siblings: `<x>${many('<y/>', 200_000)}</x>`,
      attributes: `<x ${Array.from({ length: 100_000 }, (_, at) => `a${at}='1'`).join(' ')}/>`,
      comments: `<x>${many('<!--x-->', 100_000)}</x>`,
      entities: `<x>${many('&amp;', 190_000)}</x>`,
    }
    for (const [name, text] of Object.entries(shapes)) {
      const started = performance.now()
      codeOf(text)
      expect(performance.now() - started, name).toBeLessThan(2000)
    }
  })

  it('is read or refused, and nothing else, however it is nested or spelled', () => {
    expect(codeOf('<x>'.repeat(9_000) + '</x>'.repeat(9_000))).toBe('none')
    const parts = fc.constantFrom(
      '<',
      '>',
      '/',
      'x',
      '&',
      ';',
      '"',
      "'",
      '=',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      ' ',
      '<?',
      '?>',
      '\0',
    )
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 30 }), (list) => {
        expect(['none', 'bad_answer']).toContain(codeOf(list.join('')))
      }),
    )
  })
})
