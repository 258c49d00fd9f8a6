// `npm run bench -- pages`: JavaScript that each page sends at first, from a production build. Writes bench/pages.md.
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { ensureGenerated } from '../scripts/lib/generate'
import { bin, ROOT, run } from '../scripts/lib/run'
import { pageWeight } from './pages'
import { startServer } from './processes'
import { freePort } from '../test/free-port'

const AIM_KB = 170
const TENANTS = 8
const RESOURCES = 2000

/** Every page of app/pages.ts by the address of one that is there. */
async function addressesOf(admin: pg.Client): Promise<string[]> {
  const id = async (text: string) => (await admin.query<{ id: string }>(text)).rows[0]?.id ?? ''
  const tenant = await id(`select id from tenant where slug = 'b-00001'`)
  const capped = await id('select id from tenant_role order by id limit 1')
  const role = await id('select id from user_role order by built_in nulls first, id limit 1')
  const person = await id('select user_id as id from membership order by user_id limit 1')
  const hosts = await id(
    `select id from resource where kind = 'host' and owner_id = assigned_id order by id limit 1`,
  )
  const network = await id(
    `select id from resource where kind = 'network' and visibility = 'private' and owner_id = assigned_id order by id limit 1`,
  )
  const { PAGES } = await import('@/app/pages')
  const at: Record<string, string> = {
    'infrastructure/hosts/[id]': `/infrastructure/hosts/${hosts}`,
    '[section]/[slug]': '/infrastructure/networks',
    '[section]/[slug]/new': '/infrastructure/networks/new',
    '[section]/[slug]/[id]': `/infrastructure/networks/${network}`,
    '[section]/[slug]/[id]/edit': `/infrastructure/networks/${network}/edit`,
    'settings/users/[id]/rights': `/settings/users/${person}/rights`,
    'settings/roles/[id]': `/settings/roles/${role}`,
    'admin/roles/[id]': `/admin/roles/${capped}`,
  }
  return (
    Object.keys(PAGES)
      .map((folder) => folder.replace(/^\((auth|console)\)\/?/, ''))
      // set-up: once, before there is anybody; sign-up: off unless the master switches it on
      .filter((folder) => folder !== 'setup' && !folder.startsWith('sign-up'))
      .map(
        (folder) =>
          at[folder] ??
          `/${folder.replace('admin/tenants/[id]', `admin/tenants/${tenant}`).replace('[roleId]', role)}`,
      )
      .filter((address) => !address.includes('['))
  )
}

async function main(): Promise<void> {
  await ensureGenerated()
  if (!fs.existsSync(path.join(ROOT, '.next/BUILD_ID'))) await run(bin('tsx'), ['scripts/build.ts'])
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'freehold-bench-pages-'))
  Object.assign(process.env, { NODE_ENV: 'production', DATA_DIR: dataDir, LOG_LEVEL: 'warn' })
  const { openEverything } = await import('@/server/start')
  const seed = await import('@/prisma/seed/large-access')
  const { database, runtime } = await openEverything()
  const admin = new pg.Client({ connectionString: database.adminUrl })
  await admin.connect()
  try {
    await seed.seedAccess(admin, TENANTS)
    await seed.seedResources(admin, 0, RESOURCES, TENANTS)
    const port = await freePort()
    const env = {
      DATA_DIR: dataDir,
      PORT: String(port),
      PUBLIC_URL: `http://localhost:${port}`,
      FREEHOLD_WORKER: 'false',
    }
    const server = await startServer(
      path.join(ROOT, 'dist/server.mjs'),
      env,
      `http://127.0.0.1:${port}`,
      '/api/health',
    )
    const headers = { host: `localhost:${port}`, cookie: `fh=${seed.accessToken('master')}` }
    const rows: Awaited<ReturnType<typeof pageWeight>>[] = []
    try {
      for (const address of await addressesOf(admin))
        rows.push(await pageWeight(server.url, address, headers))
    } finally {
      await server.stop()
    }
    rows.sort((a, b) => b.kb - a.kb)
    const name = (address: string) => address.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '[id]')
    const lines = rows.map(
      ({ page, status, scripts, kb }) =>
        `| ${name(page)} | ${kb.toFixed(0)} | ${kb <= AIM_KB ? 'met' : '**not met**'} | ${scripts} | ${status} |`,
    )
    const text = `# JavaScript of each page

\`npm run bench -- pages\` builds where there is no build yet, starts the production server on a small database and sums the scripts that the HTML of each page
names, compressed, in kB of 1,000 bytes, as the master. The aim is ${AIM_KB} kB. What a person opens later, a dialog say, is not among it.

| Page | kB | At most ${AIM_KB} kB | Scripts | Answer |
| --- | --- | --- | --- | --- |
${lines.join('\n')}
`
    fs.writeFileSync(path.join(ROOT, 'bench/pages.md'), text)
    console.log(text)
  } finally {
    await admin.end()
    await runtime.close()
    await database.close()
    fs.rmSync(dataDir, { recursive: true, force: true })
  }
}

await main()
process.exit(0)
