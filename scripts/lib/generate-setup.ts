import { ensureGenerated } from './generate'

/** Vitest's global set-up of the database tests: `npx vitest run FILE` works on a fresh checkout too. */
export const setup = ensureGenerated
