import { describe, expect, it } from 'vitest'
import { conditionsOf, guardsOf, without } from './conditions'

const parts = (sql: string) => conditionsOf(sql).map(({ from, to, by }) => `${sql.slice(from, to)} -> ${by}`)

describe('conditions in SQL', () => {
  it('are each part of an "and", at any depth, and a lone "where"', () => {
    expect(parts('select 1 from a where a.x = 1 and (b or c and d) order by 1')).toEqual([
      'a.x = 1 -> true',
      '(b or c and d) -> true',
      'c -> true',
      'd -> true',
    ])
    expect(parts('exists (select 1 from g where g.id = r.id)')).toEqual(['g.id = r.id -> true'])
  })

  it('are found as PostgreSQL prints them, and a bracket around them is none of its own', () => {
    const printed = '(EXISTS ( SELECT 1 FROM g WHERE ((g.id = r.id) AND (g.at > now()))))'
    expect(parts(printed)).toEqual(['(g.id = r.id) -> true', '(g.at > now()) -> true'])
  })

  it('leave alone what is no condition: "between", strings, comments, "is distinct from"', () => {
    expect(parts("x between 1 and 2 -- this and that\n and y = 'a and b'")).toEqual([
      'x between 1 and 2 -- this and that -> true',
      "y = 'a and b' -> true",
    ])
    expect(parts('where a is distinct from b and c')).toEqual(['a is distinct from b -> true', 'c -> true'])
  })

  it('reach over the holes of a template', () => {
    expect(parts('where r.owner_id = ${sql`a and ${b}`}::uuid and ${live}')).toEqual([
      'r.owner_id = ${sql`a and ${b}`}::uuid -> true',
      '${live} -> true',
    ])
  })

  it('of a refusal are the parts of an "or", to be taken for false; the refusal as a whole is a guard', () => {
    const body = `begin if a is null or b and c then raise exception 'no'; end if; return new; end`
    expect(parts(body)).toEqual(['a is null -> false', 'b and c -> false'])
    expect(guardsOf(body).map((one) => without(body, one))).toEqual([
      `begin if false then raise exception 'no'; end if; return new; end`,
    ])
  })
})
