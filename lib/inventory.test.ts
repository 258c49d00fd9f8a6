import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesOf, guessMapping, type InventoryTable, readInventory, rowsOf, valueOf } from './inventory'
import { GIB } from './resource-kinds/kind'
import { VIRTUAL_MACHINE } from './resource-kinds/virtual-machine'

const table = (text: string) => readInventory(text) as InventoryTable

describe('an inventory', () => {
  it('is read from CSV with commas, semicolons or tabs, quotation marks and a byte order mark', () => {
    for (const separator of [',', ';', '\t'])
      expect(
        table(`\uFEFFname${separator}RAM (GB)\r\n"web ""1"""${separator}8\r\n\r\ndb${separator}\r\n`),
      ).toEqual({
        columns: ['name', 'RAM (GB)'],
        rows: [
          ['web "1"', '8'],
          ['db', ''],
        ],
      })
    expect(table('name\nweb\ndb').rows).toEqual([['web'], ['db']])
  })

  it('is read from JSON, also in the only list of an object, with values of all types', () => {
    expect(
      table(
        '{"vms": [{"name": "web", "cores": 4}, {"name": "db", "ips": ["10.0.0.1", "10.0.0.2"], "x": null}]}',
      ),
    ).toEqual({
      columns: ['name', 'cores', 'ips', 'x'],
      rows: [
        ['web', '4', '', ''],
        ['db', '', '10.0.0.1; 10.0.0.2', ''],
      ],
    })
    expect(table('[{"__proto__": "x", "name": "a"}]').rows[0]).toContain('a')
  })

  it.each([
    ['', 'empty'],
    ['name,cores', 'no rows'],
    ['name\n"web', 'quotation mark'],
    ['name\nweb,2', 'more values'],
    ['[1, 2]', 'list of objects'],
    ['{"a": [], "b": []}', 'list of objects'],
    ['[{]', 'not valid JSON'],
    [`name\n${'x\n'.repeat(1001)}`, '1001 rows'],
    [`${Array.from({ length: 101 }, (_, i) => `c${i}`).join(',')}\n1`, 'more than 100 columns'],
  ])('that cannot be used is told why: %j', (text, why) => {
    expect(readInventory(text)).toContain(why)
  })

  it('never throws, and gives every row as many cells as there are columns', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const read = readInventory(text)
        if (typeof read !== 'string')
          for (const row of read.rows) expect(row.length).toBe(read.columns.length)
      }),
    )
  })
})

describe('columns', () => {
  it('are found by the words that exports use, each field once', () => {
    expect(
      guessMapping(['VM', 'CPUs', 'Memory (GB)', 'OS', 'IP Address', 'Hostname', 'Owner'], VIRTUAL_MACHINE),
    ).toEqual(['name', 'cores', 'memory', 'os', 'addresses', null, null])
  })

  it('become things to import, without what is empty or left out', () => {
    expect(rowsOf({ columns: ['a', 'b', 'c'], rows: [[' web ', '', 'x']] }, ['name', 'cores', null])).toEqual(
      [{ name: 'web', values: {} }],
    )
  })
})

describe('values', () => {
  it.each([
    ['16', 16 * GIB],
    ['16 GiB', 16 * GIB],
    ['16384 MB', 16 * GIB],
    ['1,5t', 1536 * GIB],
    ['512 B', 512],
    ['16 bits', null],
    ['-1', null],
    ['1e9', null],
  ])('of sizes: %s', (text, bytes) => {
    expect(bytesOf(text)).toBe(bytes)
  })

  it('of the other types; what cannot be read stays, to be refused', () => {
    const choice = { type: 'choice', label: 'Type', options: [{ value: 'x', label: 'The X' }] } as const
    expect(valueOf({ type: 'boolean', label: 'B' }, 'Yes')).toBe(true)
    expect(valueOf({ type: 'boolean', label: 'B' }, 'perhaps')).toBe('perhaps')
    expect(valueOf(choice, 'the x')).toBe('x')
    expect(valueOf(choice, 'y')).toBe('y')
    expect(valueOf({ type: 'list', label: 'L' }, '10.0.0.1; 10.0.0.2 ::1')).toEqual([
      '10.0.0.1',
      '10.0.0.2',
      '::1',
    ])
    expect(valueOf({ type: 'params', label: 'P' }, 'a=1; b=x=y')).toEqual({ a: '1', b: 'x=y' })
    expect(valueOf({ type: 'params', label: 'P' }, 'nonsense')).toBe('nonsense')
    expect(valueOf({ type: 'number', label: 'N', min: 0, max: 9 }, 'four')).toBe('four')
  })
})
