import { AppError } from '@/server/platform/errors'

type Refusal = { code: string; message: string } & Record<string, string>

/** Code, words and wrong fields with which a call was refused; the error's name where it is none of ours. */
export async function refusal(call: Promise<unknown>): Promise<Refusal> {
  const error = await call.then(
    () => new Error('it went through'),
    (reason: unknown) => (reason as Error).cause ?? reason,
  )
  if (error instanceof AppError) return { code: error.code, message: error.message, ...error.details.fields }
  return { code: (error as Error).name, message: String(error) }
}
