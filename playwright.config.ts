import { defineConfig, devices } from '@playwright/test'
import { CHROMIUM_ARGS, findChromium } from './scripts/chromium'

/** scripts/e2e-server.ts serves the production build here, with a data folder of its own. */
const PORT = process.env.E2E_PORT ?? '3210'
/** scripts/test.ts adds up the counts from this file. */
const RESULTS = process.env.E2E_RESULTS

export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results',
  workers: 2,
  fullyParallel: false,
  // A test that needs a second try hides a fault
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  timeout: 60_000,
  globalTimeout: 15 * 60_000,
  expect: { timeout: 10_000 },
  reporter: [
    ['list', { printSteps: false }],
    ...(RESULTS ? [['json', { outputFile: RESULTS }] as const] : []),
  ],
  use: {
    ...devices['Desktop Chrome'],
    baseURL: `http://localhost:${PORT}`,
    actionTimeout: 10_000,
    navigationTimeout: 20_000,
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: { executablePath: findChromium(), args: CHROMIUM_ARGS },
  },
  webServer: {
    // without npx in between, a signal reaches it at once
    command: 'node --import tsx scripts/e2e-server.ts',
    // The name `localhost` may mean ::1 to Node; the address does not vary
    url: `http://127.0.0.1:${PORT}/api/health`,
    env: { E2E_PORT: PORT },
    timeout: 120_000,
    reuseExistingServer: false,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 15_000 },
    stdout: 'ignore',
    stderr: 'pipe',
  },
})
