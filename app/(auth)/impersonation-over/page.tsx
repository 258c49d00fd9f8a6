import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { safeReturnPath, tenantOrigin } from '@/lib/paths'
import { siteConfig } from '@/server/context/site'
import { AuthLayout } from '@/ui/auth-layout'
import { ButtonLink } from '@/ui/button'

export const metadata = pageMetadata('(auth)/impersonation-over')

const WHY: Record<string, string> = {
  time: 'Its time was up.',
  quit: 'You quit.',
  cut: 'The tenant cut it off.',
  policy: 'The tenant lets its provider in no more.',
  admin: 'Your own session in the master tenant has ended.',
  revoked: 'The user, the tenant or your permission is not there any more, or the user was signed out.',
  start: 'It did not begin: it took too long, began in another browser, or something changed meanwhile.',
}

/** Says that one acts as nobody any more, and leads back to the master's console: never to anything of the user's. */
export default definePage('(auth)/impersonation-over', ({ op, search }) => {
  const back = tenantOrigin(null, siteConfig()) + safeReturnPath(search.from, '')
  const tenant = op.host.kind === 'tenant' ? op.host.slug : null
  return Promise.resolve(
    <AuthLayout
      title="You are yourself again"
      description={`The impersonation${tenant === null ? '' : ` in ${tenant}`} is over. ${WHY[search.why ?? ''] ?? ''}`}
      tagline="Who was in, as whom and why stands in both logs."
    >
      <ButtonLink variant="primary" size="lg" block href={back}>
        Back to the console
      </ButtonLink>
    </AuthLayout>,
  )
})
