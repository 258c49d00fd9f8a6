import { ConnectorError, type ConnectorErrorCode } from '../contract'
import { XdrReader } from './xdr'

/** Numbers of libvirt's errors (virErrorNumber) that are told apart here. */
export const ERROR = {
  noSupport: 3,
  invalidArgument: 8,
  operationDenied: 29,
  noDomain: 42,
  operationInvalid: 55,
  noSnapshot: 72,
} as const

const MEANING: Readonly<Record<number, readonly [ConnectorErrorCode, string]>> = {
  3: ['unsupported', 'This hypervisor cannot do that'],
  5: ['unsupported', 'The server has no driver for this hypervisor'],
  29: ['forbidden', 'The connection may only read'],
  42: ['not_found', 'The machine is not there any more'],
  43: ['not_found', 'The network is not there any more'],
  45: ['unauthenticated', 'The server does not accept who signs in'],
  49: ['not_found', 'The storage pool is not there any more'],
  50: ['not_found', 'The volume is not there any more'],
  72: ['not_found', 'The snapshot is not there any more'],
  79: ['unauthenticated', 'The server does not accept who signs in'],
  84: ['unsupported', 'This hypervisor cannot do that'],
  88: ['forbidden', 'The access rules of the server do not allow this'],
  94: ['unauthenticated', 'The server does not accept who signs in'],
}

/** An error that libvirt answered with. Its own words are not in the message: only an outcome may show them. */
export class Refusal extends ConnectorError {
  constructor(
    readonly number: number,
    /** At most 500 characters, on one line. */
    readonly words: string,
  ) {
    const [code, message] =
      MEANING[number] ?? (['server_error', `The server failed (libvirt error ${number})`] as const)
    super(code, message)
  }
}

/** The error that a reply carries. @throws ConnectorError bad_answer */
export function readRefusal(body: Buffer): Refusal {
  const xdr = new XdrReader(body)
  const text = () => xdr.optional((each) => each.string())
  const number = xdr.int()
  xdr.int()
  const words = text() ?? ''
  // What follows (level, domain, details, network) says nothing that is used here.
  return new Refusal(number, words.replace(/\s+/g, ' ').slice(0, 500))
}

/** The answer, or null where this hypervisor cannot tell it, or not to this client. */
export async function whereTold<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked
  } catch (error) {
    const cannot = error instanceof Refusal && ['unsupported', 'forbidden'].includes(error.code)
    // An older driver that does not know a flag calls it an invalid argument.
    if (cannot || (error instanceof Refusal && error.number === ERROR.invalidArgument)) return null
    throw error
  }
}

/** The answer, or null where the thing went away since it was listed. */
export async function whereThere<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof Refusal && error.code === 'not_found') return null
    throw error
  }
}
