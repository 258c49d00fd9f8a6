import { Duplex } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { type Screen, serveVnc } from '@/test/vnc'
import { answerTo, enterScreen, greetViewer } from './rfb'

/** Two ends of a wire that hands on a byte at a time. */
function wire(): [Duplex, Duplex] {
  const end = (other: () => Duplex): Duplex =>
    new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => {
        for (const byte of chunk) other().push(Buffer.from([byte]))
        done()
      },
      final: (done) => {
        other().push(null)
        done()
      },
    })
  const a: Duplex = end(() => b)
  const b: Duplex = end(() => a)
  return [a, b]
}

const SOON = AbortSignal.timeout(60_000)

describe('signing in to a screen', () => {
  test('answers a challenge as noVNC does', () => {
    const challenge = Buffer.from([...Array(16).keys()])
    // By core/crypto/des.js of noVNC 1.7.0; what comes after eight characters does not count
    for (const password of ['PVEVNC:6', 'PVEVNC:6 and more'])
      expect(answerTo(challenge, password).toString('hex')).toBe('6cd546c0dcc738ca6c0274eae59a2bf2')
  })

  test('with the password, and not with another', async () => {
    const enter = (password: string) => {
      const [near, far] = wire()
      const screen: Screen = { keys: [] }
      serveVnc(far, screen, 'right')
      return enterScreen(near, password, SOON)
    }
    await enter('right')
    await expect(enter('wrong')).rejects.toMatchObject({ code: 'unauthenticated' })
    await expect(enter('')).rejects.toMatchObject({ code: 'unsupported' })
  })

  test('refuses what is no screen, or goes away', async () => {
    const said = (text: string, end = false) => {
      const [near, far] = wire()
      far.write(text)
      if (end) far.end()
      return enterScreen(near, 'x', SOON)
    }
    await expect(said('HTTP/1.1 400 Bad')).rejects.toMatchObject({ code: 'unsupported' })
    await expect(said('RFB 003.003\n')).rejects.toMatchObject({ code: 'unsupported' })
    await expect(said('RFB 0', true)).rejects.toMatchObject({ code: 'bad_answer' })
    // A screen that lets anybody in is not the one with this password
    await expect(said('RFB 003.008\n\x01\x01\x00\x00\x00\x00')).rejects.toMatchObject({ code: 'unsupported' })
    await expect(said('RFB 003.008\n\x00', true)).rejects.toMatchObject({ code: 'unsupported' })
  })

  test('lets a viewer in without one, who speaks as it should', async () => {
    const [near, far] = wire()
    const greeted = greetViewer(far, SOON)
    await enterScreen(near, '', SOON)
    await greeted
    const [other, server] = wire()
    other.write('RFB 003.003\n')
    await expect(greetViewer(server, SOON)).rejects.toMatchObject({ code: 'bad_answer' })
  })
})
