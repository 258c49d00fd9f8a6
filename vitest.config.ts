import path from 'node:path'
import { configDefaults, defineConfig } from 'vitest/config'

const ROOT = import.meta.dirname
const NEVER = [...configDefaults.exclude, '**/.*/**', 'data/**', 'e2e/**']
/** Tests that need no database: pure code, and the rules about the code itself. */
const UNIT = ['lib/**', 'ui/**', 'cli/**', 'scripts/lib/**']
const tests = (folder: string) => `${folder}/*.test.{ts,tsx}`

export default defineConfig({
  resolve: {
    alias: {
      '@': ROOT,
      // throws outside React's server build; its other export is the empty file that Next itself picks
      'server-only': path.join(ROOT, 'node_modules/server-only/empty.js'),
    },
  },
  test: {
    environment: 'node',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // a test that leaves its environment or its stubs behind would change the next one
    unstubEnvs: true,
    unstubGlobals: true,
    restoreMocks: true,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [...UNIT.map(tests), 'middleware.test.ts', 'scripts/lint-rules.test.ts'],
          exclude: NEVER,
        },
      },
      {
        extends: true,
        test: {
          name: 'database',
          include: ['**/*.test.{ts,tsx}'],
          exclude: [...NEVER, ...UNIT.map(tests), 'middleware.test.ts', 'scripts/lint-rules.test.ts'],
          globalSetup: ['./scripts/lib/generate-setup.ts', './test/global-setup.ts'],
        },
      },
    ],
  },
})
