import { BASE, type Entries } from '@/test/slapd'

/** Who is in the directory of the tests. Tom shares his name with an account of Acme's. */
export const LEA_PASSWORD = 'gravel-lantern-77'
export const LEA_DN = `uid=lea,ou=people,${BASE}`
const GUID = Buffer.from('33221100554477668899aabbccddeeff', 'hex')

const person = (uid: string, more: object = {}) => ({
  objectClass: ['inetOrgPerson', 'adPerson'],
  uid,
  cn: `${uid} in the directory`,
  sn: 'Lind',
  mail: `${uid}@acme.example`,
  userPassword: LEA_PASSWORD,
  ...more,
})
const group = (cn: string, ...member: string[]) => ({ objectClass: 'groupOfNames', cn, member })

export const ENTRIES: Entries = {
  [LEA_DN]: person('lea', { givenName: 'Lea', objectGUID: GUID, sAMAccountName: 'lea.lind' }),
  [`uid=max,ou=people,${BASE}`]: person('max'),
  [`uid=tom,ou=people,${BASE}`]: person('tom'),
  [`cn=twin one,ou=people,${BASE}`]: person('twin', { cn: 'twin one' }),
  [`cn=twin two,ou=people,${BASE}`]: person('twin', { cn: 'twin two' }),
  [`cn=All,ou=groups,${BASE}`]: group(
    'All',
    LEA_DN,
    `uid=max,ou=people,${BASE}`,
    `uid=tom,ou=people,${BASE}`,
  ),
  [`cn=Ops,ou=groups,${BASE}`]: group('Ops', LEA_DN),
}
