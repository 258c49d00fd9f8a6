import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readOperations } from './body'
import { patchGroup } from './group'
import { patchPerson, type Person, personFrom } from './person'
import { ScimError } from './scim-error'

const LEA: Person = {
  userName: 'lea',
  email: 'lea@acme.example',
  givenName: 'Lea',
  familyName: 'Lind',
  externalId: 'e1',
  active: true,
}
const patched = (...operations: object[]) => patchPerson(LEA, readOperations({ Operations: operations }))

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,9}$/)
const person: fc.Arbitrary<Person> = fc.record({
  userName: word,
  email: word.map((one) => `${one}@acme.example`),
  givenName: word,
  familyName: word,
  externalId: word,
  active: fc.boolean(),
})
const spelled = (p: Person) => ({
  userName: p.userName,
  externalId: p.externalId,
  active: p.active,
  name: { givenName: p.givenName, familyName: p.familyName },
  emails: [{ value: p.email, type: 'work', primary: true }],
})

describe('changes of somebody', () => {
  it('by one object, by one path each, and by a PUT come to the same', () => {
    fc.assert(
      fc.property(person, fc.constantFrom('add', 'replace', 'Replace'), (next, op) => {
        expect(patched({ op, value: spelled(next) })).toEqual(next)
        expect(
          patched(
            { op, path: 'userName', value: next.userName },
            { op, path: 'urn:ietf:params:scim:schemas:core:2.0:User:externalId', value: next.externalId },
            { op, path: 'ACTIVE', value: next.active ? 'True' : 'False' },
            { op, path: 'name.givenName', value: next.givenName },
            { op, path: 'name', value: { familyName: next.familyName } },
            { op, path: 'emails[type eq "work"].value', value: next.email },
          ),
        ).toEqual(next)
        expect(personFrom(spelled(next), LEA)).toEqual(next)
        expect(personFrom({ userName: 'lea' }, LEA)).toEqual(LEA)
      }),
    )
  })

  it('of anything are a person that can be stored, or a refusal', () => {
    const path = fc.oneof(
      fc.constantFrom(
        'userName',
        'active',
        'emails',
        'emails[primary eq true].value',
        'emails[type eq "home"]',
        'name',
        'id',
        'members',
        'title',
        '__proto__',
        'constructor',
      ),
      fc.string({ maxLength: 12 }),
    )
    const operation = fc.record({
      op: fc.constantFrom('add', 'replace', 'remove'),
      path: fc.option(path),
      value: fc.jsonValue({ maxDepth: 2 }),
    })
    fc.assert(
      fc.property(fc.array(operation, { minLength: 1, maxLength: 4 }), (operations) => {
        try {
          const { userName, email, givenName, familyName, externalId, active } = patched(...operations)
          expect(userName).toMatch(/^[a-z0-9][a-z0-9._@+-]{0,63}$/)
          for (const one of [email, givenName, familyName, externalId ?? ''])
            expect(one).not.toMatch(/\p{Cc}/u)
          expect(typeof active).toBe('boolean')
        } catch (error) {
          expect(error).toBeInstanceOf(ScimError)
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('keep the primary address, else that of work, else the first', () => {
    const home = { value: 'home@acme.example', type: 'home' }
    const work = { value: 'work@acme.example', type: 'work' }
    const primary = { value: 'first@acme.example', type: 'other', primary: 'True' }
    const kept = (...value: object[]) => patched({ op: 'replace', path: 'emails', value }).email
    expect([kept(home, work, primary), kept(home, work), kept(home), kept()]).toEqual([
      'first@acme.example',
      'work@acme.example',
      'home@acme.example',
      '',
    ])
    expect(patched({ op: 'replace', path: 'emails[type eq "home"].value', value: 'x@y.example' })).toEqual(
      LEA,
    )
    expect(patched({ op: 'remove', path: 'emails[type eq "work"]' }).email).toBe('')
    expect(patched({ op: 'remove', path: 'externalId' }).externalId).toBeNull()
  })
})

describe('changes of a group', () => {
  const [a, b] = ['0a000000-0000-4000-8000-00000000000a', '0b000000-0000-4000-8000-00000000000b']
  const steps = (...operations: object[]) => patchGroup(readOperations({ Operations: operations })).members

  it('are steps in the order in which they were sent', () => {
    expect(
      steps(
        { op: 'Add', path: 'members', value: [{ value: a }, { value: b.toUpperCase() }] },
        { op: 'remove', path: `members[value eq "${a}" or value eq "${b}"]` },
        { op: 'Remove', path: 'members', value: [{ value: b }] },
        { op: 'replace', value: { members: [{ value: a }] } },
        { op: 'remove', path: 'members' },
      ),
    ).toEqual([
      { op: 'add', ids: [a, b] },
      { op: 'remove', ids: [a, b] },
      { op: 'remove', ids: [b] },
      { op: 'replace', ids: [a] },
      { op: 'replace', ids: [] },
    ])
  })

  it('remove nobody where the one named is none, and never everybody', () => {
    expect(steps({ op: 'remove', path: 'members[value eq "1"]' })).toEqual([{ op: 'remove', ids: [] }])
    expect(steps({ op: 'remove', path: 'members', value: [] })).toEqual([{ op: 'remove', ids: [] }])
    expect(() => steps({ op: 'add', path: 'members', value: [{ value: '1' }] })).toThrow(ScimError)
    expect(() => steps({ op: 'remove', path: 'members[display eq "x"]' })).toThrow(ScimError)
    expect(() => steps({ op: 'remove', path: 'members[value ne "x"]' })).toThrow(ScimError)
  })
})
