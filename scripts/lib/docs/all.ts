import { databasePage } from './database'
import { erdPage } from './erd'
import { permissionsPage } from './permissions'
import { proceduresPage } from './procedures'
import { settingsPage } from './settings'
import { readSurfaces } from './surfaces'

/** All generated pages by their path. Deterministic; needs the Prisma client's code, but no database. */
export async function generateDocs(): Promise<Record<string, string>> {
  const surfaces = await readSurfaces()
  return {
    'docs/generated/database.md': await databasePage(),
    'docs/generated/erd.md': await erdPage(),
    'docs/generated/permissions.md': await permissionsPage(surfaces),
    'docs/generated/procedures.md': await proceduresPage(surfaces),
    'docs/generated/settings.md': await settingsPage(),
  }
}
