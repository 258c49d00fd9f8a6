import path from 'node:path'
import { configDefaults, defineConfig } from 'vitest/config'
import { isolatedTests } from './scripts/lib/isolated-tests'

/** The public key of test/publisher.ts, whose licence keys count in tests. */
const LICENCE_PUBLIC_KEYS = 'NuS1bULWEJhNyUOfkSVW5Rx1Cw5qI3KOaXs53k-8hL4'

const ROOT = import.meta.dirname
const EVERYWHERE = [...configDefaults.exclude, '**/.*/**', 'data/**', 'e2e/**']
/** Against real servers that take long to install: `npm run test:clouds`, and nobody by accident. */
const CLOUDS = '**/*.clouds.test.ts'
const NEVER = [...EVERYWHERE, CLOUDS]
/** Tests that need no database: pure code, and the rules about the code itself. */
const UNIT = ['lib/**', 'ui/**', 'cli/**', 'scripts/lib/**']
const tests = (folder: string) => `${folder}/*.test.{ts,tsx}`
/** The tests of the project without a database. */
const ELSEWHERE = [...UNIT.map(tests), 'middleware.test.ts', 'scripts/lint-rules.test.ts']
/** Need a database, and a process for each file. */
const ISOLATED = isolatedTests(ROOT)
const SETUP = ['./scripts/lib/generate-setup.ts', './test/global-setup.ts']

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
    env: { LICENCE_PUBLIC_KEYS },
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
          include: ELSEWHERE,
          exclude: NEVER,
        },
      },
      {
        extends: true,
        test: {
          name: 'database',
          // A world closes all that it opens (test/world.ts), so files may follow one another in one process: the server is loaded twice
          // and not two hundred times. Whatever changes modules for itself is in the next project.
          isolate: false,
          include: ['**/*.test.{ts,tsx}'],
          exclude: [...NEVER, ...ELSEWHERE, ...ISOLATED],
          globalSetup: SETUP,
        },
      },
      {
        extends: true,
        test: { name: 'isolated', include: ISOLATED, exclude: [...NEVER, ...ELSEWHERE], globalSetup: SETUP },
      },
      ...(process.env.TEST_CLOUDS === '1'
        ? [
            {
              extends: true as const,
              test: {
                name: 'clouds',
                include: [CLOUDS],
                exclude: EVERYWHERE,
                testTimeout: 120_000,
                hookTimeout: 600_000,
              },
            },
          ]
        : []),
    ],
  },
})
