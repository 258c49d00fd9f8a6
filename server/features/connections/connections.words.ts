/** What to do about an error of a cloud, by its code. */
const REMEDIES: Readonly<Record<string, string>> = {
  unauthenticated: 'Enter the credentials anew under Edit connection.',
  forbidden: 'Give the account of the connection more rights in the cloud; Check connection says which.',
  untrusted_certificate:
    'Compare the fingerprint of the certificate with the one on the server, and confirm it under Edit connection.',
  changed_certificate:
    'If the certificate was renewed, compare its fingerprint with the one on the server and confirm it under Edit connection. If not, somebody may stand between.',
  wrong_server: 'Check the address and the port: something else answers there.',
  bad_answer: 'It is tried again. If it stays so, look into the log of the cloud.',
  server_error: 'Look into the log of the cloud. It is tried again.',
  rate_limited: 'The cloud asks to be left alone for a while. It is tried again later.',
  too_large: 'The cloud has more in it than is read at once.',
  internal: 'It is tried again. If it stays so, look into the log of Freehold.',
}

/** @returns empty where there is nothing to add to the message */
export const remedyOf = (code: string): string => (Object.hasOwn(REMEDIES, code) && REMEDIES[code]) || ''
