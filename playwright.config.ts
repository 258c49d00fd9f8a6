import { defineConfig, devices } from '@playwright/test'
import { CHROMIUM_ARGS, findChromium } from './scripts/chromium'

/** scripts/e2e-server.ts serves the production build here, with a data folder of its own; the demo is on the next port. */
const PORT = Number(process.env.E2E_PORT ?? '3210')
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
  globalTimeout: 20 * 60_000,
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
    // Nothing is tested of what moves; drawing it takes time
    contextOptions: { reducedMotion: 'reduce' },
    // It slows every step, so it is for looking into a failure only
    trace: process.env.E2E_TRACE ? 'retain-on-failure' : 'off',
    screenshot: 'only-on-failure',
    launchOptions: { executablePath: findChromium(), args: CHROMIUM_ARGS },
  },
  // One after the other. What they print and tests need goes on to the tests by the names of the groups.
  webServer: [
    server(PORT, /One-time code: (?<e2e_setup_code>[A-Z0-9-]+)/),
    server(PORT + 1, /password of all: (?<e2e_demo_password>[\w-]+)/, { E2E_DEMO: '1' }),
  ],
})

function server(port: number, printed: RegExp, env: Record<string, string> = {}) {
  return {
    // without npx in between, a signal reaches it at once
    command: 'node --import tsx scripts/e2e-server.ts',
    wait: { stdout: printed },
    env: { E2E_PORT: String(port), ...env },
    timeout: 180_000,
    gracefulShutdown: { signal: 'SIGTERM' as const, timeout: 15_000 },
    stdout: 'ignore' as const,
    stderr: 'pipe' as const,
  }
}
