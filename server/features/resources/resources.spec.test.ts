import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GIB, type ResourceKind } from '@/lib/resource-kinds/kind'
import { kindAt, kindOf, KINDS } from '@/lib/resource-kinds/registry'
import { checkSpec, nameSchema } from './resources.spec'

const kind = (name: string): ResourceKind => kindOf(name) as ResourceKind
const wrong = (name: string, spec: Record<string, unknown>) => checkSpec(kind(name), spec).fields

describe('the table of kinds', () => {
  it('has seventeen, each at a place, under a name and in a members map of its own', () => {
    expect(KINDS).toHaveLength(17)
    for (const key of ['kind', 'member', 'plural'] as const)
      expect(new Set(KINDS.map((one) => one[key])).size, key).toBe(17)
    for (const one of KINDS) expect(kindAt(one.section, one.slug)).toBe(one)
    expect(kindAt('infrastructure', 'nothing')).toBeUndefined()
    expect(kindOf('__proto__')).toBeUndefined()
  })

  it('shows columns that are fields, refers to kinds that exist, and stands in kinds that exist', () => {
    for (const { kind: name, fields, columns, parent } of KINDS) {
      for (const column of columns) expect(fields[column], `${name}.${column}`).toBeDefined()
      const refs = Object.values(fields).flatMap((field) => (field.type === 'ref' ? field.kinds : []))
      for (const other of [...refs, ...(parent?.kinds ?? [])])
        expect(kindOf(other), `${name}: ${other}`).toBeDefined()
    }
  })
})

describe('fields', () => {
  it.each([
    ['network', { cidr: '10.0.0.0/24', gateway: '10.0.0.1', vlan: 20, dns: ['10.0.0.2'], dhcp: true }],
    ['datastore', { type: 'nfs', capacity: 2 * GIB, used: 0 }],
    ['price', { amount: 0.0181, currency: 'EUR', unit: 'hour' }],
    ['profile', { params: { 'ntp.server': 'a\nb', x: '' } }],
    ['bare_metal', { macs: ['52:54:00:12:34:56'], management: '2001:db8::1' }],
    [
      'boot_environment',
      { kernel: 'https://x.example/k', initrds: ['http://x.example/i'], arguments: 'a={{b}}' },
    ],
  ])('of a %s are taken as they are', (name, spec) => {
    expect(checkSpec(kind(name), spec)).toEqual({ spec, fields: {} })
  })

  it.each([
    ['network', {}, { cidr: 'CIDR is needed' }],
    ['network', { cidr: '10.0.0.1/24' }, { cidr: 'Enter a network such as 10.20.0.0/24' }],
    [
      'network',
      { cidr: '10.0.0.0/24', gateway: '10.0.1.1' },
      { gateway: 'The gateway is not in 10.0.0.0/24' },
    ],
    ['network', { cidr: '10.0.0.0/24', vlan: 4095 }, { vlan: 'At most 4094' }],
    ['network', { cidr: '10.0.0.0/24', vlan: 1.5 }, { vlan: 'A whole number' }],
    ['network', { cidr: '10.0.0.0/24', vlan: 'x' }, { vlan: 'Enter a number' }],
    ['datastore', { type: 'nfs', capacity: GIB, used: 2 * GIB }, { used: 'More than its capacity' }],
    ['datastore', { type: 'tape', capacity: GIB }, { type: 'Choose one of the list' }],
    ['datastore', { type: 'nfs', capacity: 1 }, { capacity: 'At least 1 MiB' }],
    [
      'price',
      { amount: 0.00001, currency: 'EUR', unit: 'hour' },
      { amount: 'At most 4 digits behind the point' },
    ],
    ['price', { amount: 1, currency: 'eur', unit: 'hour' }, { currency: 'Enter three capital letters' }],
    [
      'profile',
      { params: { '1x': 'y' } },
      { params: 'A name begins with a letter and has letters, digits and . _ - only' },
    ],
    [
      'boot_environment',
      { kernel: 'javascript:alert(1)' },
      { kernel: 'Enter an address that begins with https:// or http://' },
    ],
    [
      'boot_environment',
      { kernel: 'https://x.example/k', arguments: 'a\nshell' },
      { arguments: 'Use printable characters only' },
    ],
    ['bare_metal', { macs: ['52:54:00:12:34'] }, { macs: 'Enter a MAC address such as 52:54:00:12:34:56' }],
    ['virtual_machine', { images: 'x' }, { images: 'Virtual machine has no field of this name' }],
    ['virtual_machine', { networks: ['x'] }, { networks: 'Virtual machine has no field of this name' }],
  ])('of a %s: %j is refused', (name, spec, fields) => {
    expect(wrong(name, spec)).toEqual(fields)
  })

  it('of any kind: whatever comes in, only known fields of the right type come out', () => {
    const value = fc.oneof(
      fc.string(),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.array(fc.string()),
      fc.dictionary(fc.string(), fc.string()),
    )
    fc.assert(
      fc.property(
        fc.constantFrom(...KINDS),
        fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'name')), value),
        fc.func(value),
        (one, extra, given) => {
          const input = {
            ...Object.fromEntries(Object.keys(one.fields).map((name) => [name, given(name)])),
            ...extra,
          }
          const { spec, fields } = checkSpec(one, input)
          for (const name of Object.keys(spec)) expect(Object.hasOwn(one.fields, name)).toBe(true)
          for (const [name, field] of Object.entries(one.fields)) {
            if (field.type === 'ref') expect(spec[name]).toBeUndefined()
            if (field.type === 'number' && spec[name] !== undefined)
              expect(Number.isFinite(spec[name])).toBe(true)
            if (field.required && field.type !== 'ref' && spec[name] === undefined)
              expect(fields[name]).toBeDefined()
          }
          // what was taken once is taken again as it is
          if (Object.keys(fields).length === 0) expect(checkSpec(one, spec)).toEqual({ spec, fields: {} })
        },
      ),
    )
  })
})

it('a name is one line of printable characters', () => {
  for (const good of ['web-01', 'Räksmörgås', '  padded '])
    expect(nameSchema.safeParse(good).success, good).toBe(true)
  for (const bad of ['', '  ', 'a\nb', 'a\u202eb', 'x'.repeat(256)])
    expect(nameSchema.safeParse(bad).success, bad).toBe(false)
})
