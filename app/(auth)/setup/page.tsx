import { SetupForm } from '@/app/(auth)/setup/setup-form'
import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { notFound } from '@/server/platform/errors'
import { AuthLayout } from '@/ui/auth-layout'

export const metadata = pageMetadata('(auth)/setup')

/** First run, on the main host: afterwards it is not there any more. */
export default definePage('(auth)/setup', async ({ op, paths }) => {
  if (op.setupDone || op.host.kind !== 'master') throw notFound()
  return (
    <AuthLayout
      title="Set up Freehold"
      description="Name your organisation and make its first administrator. This page works once."
      tagline="One console. Each tenant sees its own, and nothing else."
    >
      <SetupForm home={paths.home} signInPage={paths.signIn} />
    </AuthLayout>
  )
})
