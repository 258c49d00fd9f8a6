'use client'

import {
  browserSupportsWebAuthn,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  startRegistration,
} from '@simplewebauthn/browser'

export const passkeysWork = (): boolean => browserSupportsWebAuthn()

const words = (error: unknown): string => {
  const name = error instanceof Error ? error.name : ''
  if (name === 'InvalidStateError') return 'This device has a passkey for your account already.'
  if (name === 'NotAllowedError' || name === 'AbortError')
    return 'No passkey was given: it was cancelled, took too long, or there is none for this address.'
  return 'This browser or device could not do it. Try another one.'
}

/** What went wrong with an authenticator, in words for people. */
export class PasskeyError extends Error {}

/** Lets the browser make a passkey. @throws PasskeyError */
export async function makePasskey(options: string) {
  const optionsJSON = JSON.parse(options) as PublicKeyCredentialCreationOptionsJSON
  try {
    const { id, response } = await startRegistration({ optionsJSON })
    const { clientDataJSON, attestationObject, transports = [] } = response
    return { id, clientDataJSON, attestationObject, transports }
  } catch (error) {
    throw new PasskeyError(words(error))
  }
}

/** Lets the browser sign with one. @throws PasskeyError */
export async function givePasskey(optionsJSON: PublicKeyCredentialRequestOptionsJSON) {
  try {
    const { id, response } = await startAuthentication({ optionsJSON })
    const { clientDataJSON, authenticatorData, signature } = response
    return { id, clientDataJSON, authenticatorData, signature }
  } catch (error) {
    throw new PasskeyError(words(error))
  }
}
