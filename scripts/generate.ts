import { ensureGenerated } from './lib/generate'

await ensureGenerated()
