import vm from 'node:vm'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { withEdits } from './edits'
import { codeFiles, codeMutants, findInText, productMakers } from './find-code'
import { installMutants } from './runtime'

const MAKERS = productMakers()
const found = (text: string, file = 'server/features/x/x.service.ts') =>
  findInText(file, text, MAKERS).map(({ mutant }) => mutant.id.slice(`ts:${file}:`.length))

describe('mutants of the code', () => {
  it('are guards that refuse for want of rights, however the refusal is made', () => {
    expect(
      found(`function f() {
        if (!host) throw notFound()
        if (a || b) { log(); throw new AppError('access_denied', 'no') }
        if (refusal) throw refusal
        return ok ? null : denied('no')
      }`),
    ).toEqual([
      'f:guard:!host',
      'f:guard:a||b',
      'f:part-of-guard:a',
      'f:part-of-guard:b',
      'f:guard:refusal',
      'f:guard:ok',
    ])
  })

  it('are no guards of input, nor conflicts outside of a policy', () => {
    const text = `function f() { if (!x) throw invalidField('x', 'Choose'); if (y) throw conflict('y') }`
    expect(found(text)).toEqual([])
    expect(found(text, 'server/features/x/x.policy.ts')).toEqual(['f:guard:y'])
  })

  it('are calls of checks, declarations that ask for less, filters and locks', () => {
    expect(
      found(`const p = procedure({ scope: 'master', permission: ['users', 'full'], licence: 'grow' })
        async function g() {
          await recheck(op, tx)
          await tx.resource.updateMany({ where: { id, ownerId } })
          await tx.$queryRaw\`select 1 from t where t.tenant_id = \${id}::uuid for update\`
          await tx.$executeRaw\`update t set owner_id = \${id}::uuid where \${sightSql(viewer)}\`
          await mutate(op, fn, { exclusive: [id] })
        }`),
    ).toEqual([
      `p.scope:scope:'master'`,
      `p.permission:permission:['users','full']`,
      `p.licence:licence:'grow'`,
      'g:check:awaitrecheck(op,tx)',
      'g.where:filter:ownerId',
      'g:filter:t.tenant_id=${id}::uuid',
      'g:lock:forupdate',
      'g:filter:${sightSql(viewer)}',
      'g.exclusive:lock:[id]',
    ])
  })

  it('of a decision push it towards yes', () => {
    const text = `function mayRename(row: Row): boolean {
        if (row.gone) return false
        if (row.owner === me) return true
        return row.granted && row.role === 'admin'
      }`
    expect(found(text, 'server/authz/x.ts')).toEqual([
      "mayRename:answer:row.granted&&row.role==='admin'",
      'mayRename:part-of-answer:row.granted',
      `mayRename:part-of-answer:row.role==='admin'`,
      'mayRename:decision:row.gone',
      'mayRename:decision:row.owner===me',
    ])
  })
})

describe('instrumented code', () => {
  const TEXT = `
    function check(a, b) { if (a || b) throw denied('no'); return [1] }
    function ask(a) { assertFine(a); return { where: { id: 1, ownerId: 2 }, permission: ['users', 'full'] } }`
  const FILE = 'server/features/x/x.service.ts'
  const run = (on: string) => {
    const mutants = installMutants(on)
    const js = ts.transpileModule(withEdits(TEXT, findInText(FILE, TEXT, MAKERS)), {}).outputText
    const make = vm.runInThisContext(`(function (denied, assertFine) { ${js}; return { check, ask } })`) as (
      ...given: unknown[]
    ) => {
      check: (a: boolean, b: boolean) => unknown
      ask: (a: boolean) => { where: object; permission: string[] }
    }
    const denied = (why: string) => new Error(why)
    return {
      mutants,
      ...make(denied, (fine: boolean) => {
        if (!fine) throw new Error('not fine')
      }),
    }
  }

  it('does what it did while all mutants sleep, and notes which would have mattered', () => {
    const { check, ask, mutants } = run('')
    expect(check(false, false)).toEqual([1])
    expect(mutants.touched.size).toBe(0)
    expect(() => check(false, true)).toThrow('no')
    expect([...mutants.touched]).toEqual(
      [`ts:${FILE}:check:guard:a||b`, `ts:${FILE}:check:part-of-guard:b`].sort().reverse(),
    )
    expect(ask(true)).toEqual({ where: { id: 1, ownerId: 2 }, permission: ['users', 'full'] })
    expect(() => ask(false)).toThrow('not fine')
  })

  it('does without the one that is awake', () => {
    expect(run(`ts:${FILE}:check:guard:a||b`).check(true, true)).toEqual([1])
    const { check } = run(`ts:${FILE}:check:part-of-guard:b`)
    expect(check(false, true)).toEqual([1])
    expect(() => check(true, false)).toThrow('no')
    expect(run(`ts:${FILE}:ask:check:assertFine(a);`).ask(false).permission).toEqual(['users', 'full'])
    expect(run(`ts:${FILE}:ask.where:filter:ownerId:2`).ask(true).where).toEqual({ id: 1 })
    expect(run(`ts:${FILE}:ask.permission:permission:['users','full']`).ask(true).permission).toEqual([
      'users',
      'read',
    ])
  })

  it('of the product is still code, with ids that are unique', () => {
    expect(codeFiles().length).toBeGreaterThan(80)
    const all = codeMutants()
    expect(all.length).toBeGreaterThan(250)
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
    for (const kind of ['guard', 'check', 'sight', 'filter', 'lock', 'permission', 'scope', 'decision'])
      expect(all.filter((one) => one.kind === `code: ${kind}`).length, kind).toBeGreaterThan(4)
  })
})
