// What instrumented code calls (edits.ts). It notes which mutants would have changed something, so that of the tests only
// those have to be tried that came by one.

export interface Mutants {
  /** Id of the mutant that is awake. */
  on: string
  touched: Set<string>
  force<T>(id: string, value: boolean, condition: T): T | boolean
  is(id: string): boolean
}

/** Puts it where instrumented code finds it. @param on a mutant that is awake while the product is loaded */
export function installMutants(on: string): Mutants {
  const mutants: Mutants = {
    on,
    touched: new Set(),
    force(id, value, condition) {
      if (id === mutants.on) return value
      if (Boolean(condition) !== value) mutants.touched.add(id)
      return condition
    },
    is(id) {
      mutants.touched.add(id)
      return id === mutants.on
    },
  }
  Object.assign(globalThis, { __mutants: mutants })
  return mutants
}
