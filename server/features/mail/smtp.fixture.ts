import { simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'

export interface Received {
  to: string[]
  from: string
  subject: string
  text: string
  html: string
  messageId: string
}

/** A real mail server on loopback that keeps what it is sent. `refuse`: an answer for each recipient, such as `450 Later`; null takes it. */
export async function startSmtp(refuse: (to: string) => string | null = () => null) {
  const inbox: Received[] = []
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    authOptional: true,
    logger: false,
    onRcptTo: ({ address }, _session, done) => {
      const answer = refuse(address)
      if (answer === null) return done()
      const error = new Error(answer.slice(4)) as Error & { responseCode: number }
      error.responseCode = Number(answer.slice(0, 3))
      done(error)
    },
    onData: (stream, session, done) => {
      simpleParser(stream).then(
        (mail) => {
          inbox.push({
            to: session.envelope.rcptTo.map(({ address }) => address),
            from: mail.from?.text ?? '',
            subject: mail.subject ?? '',
            text: mail.text ?? '',
            html: mail.html || '',
            messageId: mail.messageId ?? '',
          })
          done()
        },
        (error: unknown) => done(error as Error),
      )
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as { port: number }
  return {
    inbox,
    url: `smtp://127.0.0.1:${port}`,
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}
