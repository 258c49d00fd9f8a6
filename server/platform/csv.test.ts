import { expect, test, vi } from 'vitest'
import { csvResponse, type CsvValue } from './csv'

async function csv(...rows: CsvValue[][]): Promise<string[]> {
  async function* batches() {
    for (const row of rows) yield [row]
  }
  return (await csvResponse('x', ['Head'], batches()).text()).split('\r\n').slice(1, -1)
}

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1', '＝1', '\n=1'])(
  'a spreadsheet does not run %j (J09)',
  async (text) => {
    expect(await csv([text])).toEqual([expect.stringMatching(/^"?'/)])
  },
)

test('plain text stays as it is, numbers numbers', async () => {
  expect(await csv(['Acme', 'a-b', 'x@y.example', -3, 0, null, undefined, ''])).toEqual([
    'Acme,a-b,x@y.example,-3,0,,,',
  ])
})

test('what separates fields stands in quotes', async () => {
  expect(await csv(['a,b', 'say "hi"', 'x;y'])).toEqual(['"a,b","say ""hi""","x;y"'])
})

test('is a download that nothing keeps, with a name that is safe in a header', () => {
  const { headers } = csvResponse('a/b"\r\nc', [], (async function* () {})())
  expect(headers.get('content-disposition')).toBe('attachment; filename="a-b-c.csv"')
  expect(headers.get('cache-control')).toBe('no-store')
})

test('stops reading when the client goes away', async () => {
  const ended = vi.fn()
  async function* endless() {
    try {
      for (;;) yield [['row']]
    } finally {
      ended()
    }
  }
  const reader = csvResponse('x', ['Head'], endless()).body?.getReader()
  await reader?.read()
  await reader?.read()
  await reader?.cancel()
  expect(ended).toHaveBeenCalled()
})
