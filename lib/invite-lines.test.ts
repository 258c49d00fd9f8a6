import { describe, expect, test } from 'vitest'
import { readInviteLines } from '@/lib/invite-lines'

const lines = (text: string) =>
  readInviteLines(text).map(({ email, role }) => (role ? `${email} as ${role}` : email))

describe('who is named in a text', () => {
  test.each([
    ['one', 'a@x.example', ['a@x.example']],
    ['a line each', 'a@x.example\r\nb@x.example\n\n', ['a@x.example', 'b@x.example']],
    [
      'commas, semicolons, blanks',
      'a@x.example, b@x.example;c@x.example d@x.example',
      ['a@x.example', 'b@x.example', 'c@x.example', 'd@x.example'],
    ],
    [
      'a CSV with a header',
      'Email,Role\na@x.example,Editor\n"b@x.example","Night, shift"',
      ['a@x.example as Editor', 'b@x.example as Night, shift'],
    ],
    ['a CSV without roles', 'E-mail address\na@x.example', ['a@x.example']],
    ['what is no address, as it is', 'Lea Stern', ['Lea Stern']],
    ['nothing', ' \n , ', []],
  ])('%s', (_, text, expected) => expect(lines(text)).toEqual(expected))
})
