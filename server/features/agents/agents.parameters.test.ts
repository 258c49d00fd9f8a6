import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { areTooMany, parametersText, parametersWord } from '@/server/features/agents/parameters'
import { resourcesRouter } from '@/server/features/resources/resources.router'
import { createCallerFactory, router } from '@/server/rpc/procedure'
import type { PersonName } from '@/test/actors'
import { agentsOf, wordOf } from '@/test/agent'
import { createWorld, type World } from '@/test/world'

const caller = createCallerFactory(router({ resources: resourcesRouter }))
let world: World
let agents: ReturnType<typeof agentsOf>
beforeAll(async () => {
  world = await createWorld()
  agents = agentsOf(world)
})
afterAll(() => world.close())
beforeEach(() => world.restore())

const as = async (name: PersonName) => caller({ op: await world.opOf(name) }).resources
const profile = async (who: PersonName, name: string, params: Record<string, string>) =>
  (await (await as(who)).create({ kind: 'profile', name, spec: { params } })).id
const publish = async (id: string, visibility: 'public' | 'private') =>
  (await as('Mara')).setVisibility({ kind: 'profile', ids: [id], visibility })
const setHost = async (id: string, params: Record<string, string>, profiles: string[]) => {
  const api = await as('Ada')
  const { name, updatedAt } = await api.get({ kind: 'host', id })
  const refs = profiles.length > 0 ? [{ field: 'profiles', ids: profiles }] : []
  await api.update({ kind: 'host', id, name, updatedAt, spec: { params }, refs })
}
const given = (word: string) => Buffer.from(word.split(' ')[1] ?? '', 'base64').toString('utf8')

describe('parameters of a machine', () => {
  it('are handed over when they changed, and not again', async () => {
    const { host, credential, said } = await agents.enrolled()
    let seq = 0
    const report = async (parameters_revision?: string) => {
      await agents.quiet(host)
      return wordOf(
        await agents.post('report', credential, { ...said, seq: ++seq, parameters_revision }),
        'parameters',
      )
    }
    expect(await report()).toBe('')
    const [first, second] = [
      await profile('Ada', 'first', { zone: 'a', tier: 'gold' }),
      await profile('Ada', 'second', { zone: 'b', extra: 'x=1\\\ny' }),
    ]
    await setHost(host, { tier: 'own' }, [first, second])
    const word = await report()
    expect(given(word)).toBe('extra=x=1\\\\\\ny\ntier=own\nzone=a\n')
    const revision = word.split(' ')[0] ?? ''
    expect(revision).toMatch(/^[0-9a-f]{16}$/)
    expect(await report(revision)).toBe('')
    expect((await agents.stateOf(host)).facts.parameters_revision).toBe(revision)
    await setHost(host, { tier: 'own' }, [second, first])
    expect(given(await report(revision))).toContain('zone=b\n')
    await setHost(host, {}, [])
    const empty = await report(revision)
    expect([empty.split(' ')[0] !== revision, given(empty)]).toEqual([true, ''])
  })

  it('are shown with their source; of a profile that is not seen, neither name nor value', async () => {
    const { host } = await agents.enrolled()
    const [ours, public_] = [
      await profile('Ada', 'ours', { a: '1', b: '1' }),
      await profile('Mara', 'theirs', { b: '2', c: '2' }),
    ]
    await publish(public_, 'public')
    await setHost(host, { a: '0' }, [ours, public_])
    const shown = async (who: PersonName) => (await as(who)).insight({ kind: 'host', id: host })
    expect((await shown('Tom')).parameters).toEqual([
      { name: 'a', value: '0', profile: null },
      { name: 'b', value: '1', profile: { id: ours, name: 'ours' } },
      { name: 'c', value: '2', profile: { id: public_, name: 'theirs' } },
    ])
    // Whose roles reach the host and no profile learns only that there is more.
    await world.admin.query(`update user_role set levels = $1, built_in = null where built_in = 'viewer'`, [
      { hosts: 'read' },
    ])
    expect(await shown('Tom')).toMatchObject({
      parameters: [{ name: 'a', value: '0', profile: null }],
      unseen: 2,
    })
  })

  it('of a profile that the owner may not use any more are gone, and come back with it', async () => {
    const { host, credential, said } = await agents.enrolled()
    const id = await profile('Mara', 'theirs', { secret: 'of the provider' })
    await publish(id, 'public')
    await setHost(host, { own: '1' }, [id])
    const text = async (seq: number) => {
      await agents.quiet(host)
      return given(wordOf(await agents.post('report', credential, { ...said, seq }), 'parameters'))
    }
    expect(await text(1)).toBe('own=1\nsecret=of the provider\n')
    await publish(id, 'private')
    expect(await text(2)).toBe('own=1\n')
    expect((await (await as('Ada')).insight({ kind: 'host', id: host })).parameters).toEqual([
      { name: 'own', value: '1', profile: null },
    ])
    await publish(id, 'public')
    expect(await text(3)).toContain('secret=')
  })
})

describe('the word', () => {
  it('is one line of safe characters, whatever is in a value', () => {
    const word = parametersWord({ a: 'x\nuninstall\ncredential fha_x', b: 'é\\n' }, undefined) ?? ''
    expect(word).toMatch(/^parameters [0-9a-f]{16} [A-Za-z0-9+/=]+$/)
    expect(parametersText({ b: '1', a: '2' })).toBe('a=2\nb=1\n')
  })

  it('is not said where they are too many for an agent', () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`p${n}`, 'x'.repeat(1000)]))
    expect([areTooMany(many), parametersWord(many, undefined)]).toEqual([true, null])
  })
})
