import { mara, none, own, type Valid } from '@/server/sweep/asking'
import { licenceKey } from '@/test/publisher'
import type { World } from '@/test/world'

/** A key for the world's installation. */
const key = async ({ world }: { world: World }) => {
  const { rows } = await world.admin.query<{ id: string }>('select install_id as id from installation')
  return { key: licenceKey(rows[0]?.id ?? '') }
}

/** As VALID, of licences. */
export const OF_LICENCES: Record<string, Valid> = {
  'licence.list': mara(none),
  'licence.readKey': mara(key),
  'licence.activate': mara(key),
  'licence.end': mara(own('licence')),
}
