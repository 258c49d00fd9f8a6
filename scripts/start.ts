// `npm start`: builds what changed and serves it. The first start prints the one-time code of the set-up page.
import { serve } from './lib/serve'

await serve({ LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn' })
