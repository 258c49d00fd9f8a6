import { describe, expect, test } from 'vitest'
import { resourceId } from '@/test/factories'
import { refusal } from '@/test/refusal'
import { api, useWorld } from './roles.fixture'

useWorld()

describe('a file', () => {
  test('of one’s roles is imported elsewhere, after it was said what would be', async () => {
    const [ada, bo] = [await api('Ada'), await api('Bo')]
    const text = JSON.stringify({
      format: 'freehold.roles',
      version: 1,
      roles: [
        { name: 'One', levels: { hosts: 'full' } },
        { name: 'Two', levels: {} },
      ],
    })
    expect((await ada.roles.planImport({ text })).rows).toEqual([
      { name: 'One', ok: true, why: '' },
      { name: 'Two', ok: true, why: '' },
    ])
    await ada.roles.import({ text })
    expect((await ada.roles.list()).rows.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['One', 'Two']),
    )
    await bo.roles.import({ text })
  })

  test('with anything wrong in it makes nothing', async () => {
    const ada = await api('Ada')
    const file = (...roles: unknown[]) => JSON.stringify({ format: 'freehold.roles', version: 1, roles })
    const good = { name: 'Good', levels: { hosts: 'read' } }
    const bad: [unknown, RegExp][] = [
      [{ name: 'Viewer', levels: {} }, /Another role has this name/],
      [{ name: 'X', levels: { sharing: 'full' } }, /allows at most read/],
      [{ name: 'X', levels: { hosts: 'everything' } }, /levels\.hosts/],
      [{ name: 'X', levels: {}, owner: true }, /owner/],
      [
        { name: 'X', levels: {}, access: { resources: [{ id: resourceId('B web'), access: 'read' }] } },
        /not to be found here/,
      ],
      [good, /twice/],
    ]
    for (const [one, why] of bad) {
      const { rows } = await ada.roles.planImport({ text: file(good, one) })
      expect(rows[0]).toEqual({ name: 'Good', ok: true, why: '' })
      expect(rows[1]?.why).toMatch(why)
      expect((await refusal(ada.roles.import({ text: file(good, one) }))).message).toMatch(
        /^Nothing is imported/,
      )
    }
    for (const text of ['{', '[]', file()])
      expect(await refusal(ada.roles.planImport({ text }))).toMatchObject({ code: 'invalid_input' })
    expect((await ada.roles.list()).rows.some(({ name }) => name === 'Good')).toBe(false)
  })
})
