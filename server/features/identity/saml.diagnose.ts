import { AddressRefused, guardedFetch } from './guarded-fetch'
import type { TestAnswer } from './identity.schema'
import { networkWords } from './network-words'
import { certificateWords, isExpired, readCertificates } from './saml.certificates'
import type { SamlProvider } from './saml.schema'

const SOON = 30 * 24 * 60 * 60 * 1000

/** Whether a server answers where people are sent; null: it does, or only their browsers can tell. */
async function ssoProblem(address: string): Promise<{ wrong: string } | { found: string }> {
  try {
    const { status } = await guardedFetch(address)
    return status === 404
      ? { wrong: 'A server answers, but there is nothing at the sign-in address (404).' }
      : { found: 'A server answers at the sign-in address.' }
  } catch (error) {
    if (error instanceof AddressRefused)
      return {
        found: 'The sign-in address is not asked from here. Browsers of your people have to reach it.',
      }
    return { wrong: `The sign-in address does not work. ${networkWords(error)}` }
  }
}

/** Looks at what is entered, step by step, until something is wrong. What the provider thinks of it shows at a sign-in alone. */
export async function diagnoseSaml({ ssoUrl, certificates }: SamlProvider): Promise<TestAnswer> {
  const steps: TestAnswer['steps'] = []
  const say = (ok: boolean, text: string): TestAnswer => {
    steps.push({ ok, text })
    return { ok, steps }
  }
  const read = readCertificates(certificates)
  if ('wrong' in read) return say(false, `${read.wrong}.`)
  const [now, soon] = [new Date(), new Date(Date.now() + SOON)]
  for (const one of read.certificates) {
    const words = `Certificate ${certificateWords(one, now)}.`
    if (isExpired(one, now)) say(false, `${words} Nothing that it signs counts.`)
    else say(true, isExpired(one, soon) ? `${words} Add the next one beside it in time.` : words)
  }
  if (read.certificates.every((one) => isExpired(one, now)))
    return say(false, 'No certificate is valid now. Enter the one that the provider signs with.')
  const sso = await ssoProblem(ssoUrl)
  if ('wrong' in sso) return say(false, sso.wrong)
  say(true, sso.found)
  return say(
    true,
    'Whether the provider knows this console shows at the first sign-in. What goes wrong there stands in the audit log.',
  )
}
