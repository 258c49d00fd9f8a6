import { gzipSync } from 'node:zlib'
import http from 'node:http'

/** A page and what of JavaScript it loads at first, compressed, in kB (1,000 bytes). */
export interface PageWeight {
  page: string
  status: number
  scripts: number
  kb: number
}

/** Fetches with a Host of our choice, which `fetch` does not allow. */
function get(base: string, path: string, headers: Record<string, string>) {
  return new Promise<{ status: number; body: Buffer }>((resolve, reject) => {
    http
      .get(new URL(path, base), { headers }, (res) => {
        const chunks: Buffer[] = []
        res.on('data', (chunk: Buffer) => chunks.push(chunk))
        res.on('end', () => resolve({ status: res.statusCode ?? 0, body: Buffer.concat(chunks) }))
      })
      .on('error', reject)
  })
}

/** Sums the scripts that the page's HTML names; polyfills for browsers without modules are not loaded by others. */
export async function pageWeight(
  base: string,
  page: string,
  headers: Record<string, string>,
): Promise<PageWeight> {
  const { status, body } = await get(base, page, headers)
  const tags = body.toString('utf8').match(/<script\b[^>]*>/g) ?? []
  const sources = tags
    .filter((tag) => !/\snomodule/i.test(tag))
    .flatMap((tag) => /\ssrc="([^"]+)"/.exec(tag)?.[1]?.replaceAll('&amp;', '&') ?? [])
  const unique = [...new Set(sources)]
  let bytes = 0
  for (const source of unique) bytes += gzipSync((await get(base, source, headers)).body).length
  return { page, status, scripts: unique.length, kb: bytes / 1000 }
}
