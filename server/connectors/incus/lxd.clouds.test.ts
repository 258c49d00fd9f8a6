import { describe } from 'vitest'
import { ensureLxd, startLxd } from '@/test/incus'
import { daemonSuite } from './incus.fixture'

const isHere = ensureLxd()
describe.skipIf(!isHere)(`LXD${isHere ? '' : ' (skipped: not root on Linux, or no lxd from Debian)'}`, () =>
  daemonSuite({
    name: 'LXD',
    command: 'lxc',
    taken: /already exists/,
    elsewhere: 'not_found',
    showsPools: true,
    start: startLxd,
  }),
)
