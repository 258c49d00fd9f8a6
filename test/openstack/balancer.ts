import { X509Certificate } from 'node:crypto'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { makeKeyPair } from '@/server/connectors/incus/enrol'
import type { Ports } from '@/test/openstack/config'

export interface Balancer {
  port: number
  fingerprint: string
  close: () => Promise<void>
}

/** One address with TLS for all services, each below its own path, as the load balancer in front of a cloud. */
export async function startBalancer(ports: Ports): Promise<Balancer> {
  const { certificate, key } = await makeKeyPair()
  const server = https.createServer({ cert: certificate, key }, (req, res) => {
    const [, name = '', rest = ''] = /^\/(\w+)(\/.*)?$/.exec(req.url ?? '') ?? []
    const port = Object.hasOwn(ports, name) ? ports[name as keyof Ports] : 0
    const { host: _host, ...headers } = req.headers
    const to = http.request(
      { host: '127.0.0.1', port, method: req.method, path: rest || '/', headers },
      (answer) => {
        res.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(res)
      },
    )
    to.on('error', () => res.writeHead(502).end())
    req.pipe(to)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    fingerprint: new X509Certificate(certificate).fingerprint256,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
