import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

const KEY = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'

function openssl(cwd: string, args: string): void {
  const { status, stderr } = spawnSync('openssl', args.split(' '), { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`openssl ${args}: ${stderr}`)
}

/** An authority for a day: `<name>.pem` and `<name>.key` in `dir`. */
export function makeAuthority(dir: string, name: string): void {
  openssl(dir, `req -x509 ${KEY} -keyout ${name}.key -out ${name}.pem -days 1 -subj /CN=${name}`)
}

/** A certificate of that authority for this machine and a day, for servers and for clients: `<name>.pem` and `<name>.key` in `dir`. */
export function makeCertificate(dir: string, authority: string, name: string): void {
  openssl(dir, `req ${KEY} -keyout ${name}.key -out ${name}.csr -subj /CN=localhost`)
  fs.writeFileSync(path.join(dir, 'san'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n')
  openssl(
    dir,
    `x509 -req -in ${name}.csr -CA ${authority}.pem -CAkey ${authority}.key -CAcreateserial -days 1 -extfile san -out ${name}.pem`,
  )
}
