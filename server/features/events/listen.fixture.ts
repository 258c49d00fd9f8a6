import { eventsRoute } from '@/server/features/events/events.routes'
import { runRoute } from '@/server/http/route'
import type { ActorName } from '@/test/actors'
import type { World } from '@/test/world'

/** What a live page was told. */
export interface Heard {
  status: number
  events: { event: string; data: unknown; at: number }[]
  text: () => string
  ended: Promise<number>
  until: (event: string, ms?: number) => Promise<{ event: string; data: unknown; at: number }>
}

/** Opens a live page as somebody, and hears what it is told. @param gone ends it @param age of the page, in ms */
export async function listenAs(
  world: World,
  actor: ActorName,
  gone: AbortController,
  age?: string,
): Promise<Heard> {
  const query = age === undefined ? '' : `?age=${age}`
  const request = new Request(`http://x/api/events${query}`, { signal: gone.signal })
  const response = await runRoute(eventsRoute, request, { ...world.factsOf(actor), path: '/api/events' }, {})
  const events: Heard['events'] = []
  let text = ''
  const read = async (): Promise<number> => {
    const decoder = new TextDecoder()
    for await (const chunk of (response.body ??
      new ReadableStream()) as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk)
      for (const frame of decoder.decode(chunk).split('\n\n')) {
        const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(frame) ?? []
        if (event) events.push({ event, data: JSON.parse(data ?? ''), at: Date.now() })
      }
    }
    return Date.now()
  }
  const ended = response.status === 200 ? read() : Promise.resolve(Date.now())
  const until = async (event: string, ms = 3000) => {
    for (const deadline = Date.now() + ms; Date.now() < deadline; await sleep(20)) {
      const at = events.findIndex((one) => one.event === event)
      const [found] = at < 0 ? [] : events.splice(at, 1)
      if (found) return found
    }
    throw new Error(`no ${event} within ${ms} ms`)
  }
  if (response.status === 200) await until('hello')
  return { status: response.status, events, text: () => text, ended, until }
}

export const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
