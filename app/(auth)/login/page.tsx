import { redirect } from 'next/navigation'
import { TenantFrame } from '@/app/(auth)/_components/tenant-frame'
import { DirectoryForm } from '@/app/(auth)/login/directory-form'
import { SignInForm } from '@/app/(auth)/login/sign-in-form'
import { SourceButtons } from '@/app/(auth)/login/source-buttons'
import { StepForm } from '@/app/(auth)/login/step-form'
import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { prefixOf } from '@/app/_lib/prefix'
import { parseLogin } from '@/lib/login-name'
import { signInButtons } from '@/server/features/identity/sso.service'
import { signUpOffer } from '@/server/features/sign-up/sign-up.service'
import { safeReturnPath } from '@/lib/paths'
import { TextLink } from '@/ui/text-link'

export const metadata = pageMetadata('(auth)/login')

const PROBLEMS: Record<string, string> = {
  sso: 'Signing in by your organization did not work. Try again, or ask an administrator.',
  'sso-begin': 'Begin here: your organization’s page cannot sign you in directly. Choose its button below.',
  'sso-unknown': 'You have no account here yet. Ask an administrator of your organization for one.',
  'sso-role':
    'Your organization gives you no role here. Ask an administrator to put you in a group that has one.',
  'sso-username': 'Your organization gave no username that can be used here. Ask an administrator.',
  'sso-taken': 'Somebody here has your username already. Ask an administrator.',
  'hand-off': 'Signing in took too long or began in another browser. Sign in here.',
}

/**
 * The same for a tenant that exists, one that is disabled and one that never was: all it knows of the tenant is the subdomain in the
 * address, and the names of identity sources that an active one shows here on purpose, as its branding (attack B15).
 */
export default definePage('(auth)/login', async ({ op, paths, search }) => {
  const prefix = prefixOf(op)
  if (op.actor) redirect(safeReturnPath(search.next, prefix))
  const slug = op.host.kind === 'tenant' ? op.host.slug : null
  if (search.step === 'second')
    return (
      <TenantFrame host={op.host} title="One more step" description="The password was right.">
        <StepForm signInPage={paths.signIn} />
      </TenantFrame>
    )
  const hint = search.hint ?? search.login ?? ''
  const [sources, offer] = await Promise.all([signInButtons(slug), signUpOffer(op)])
  const problem = PROBLEMS[search.problem ?? '']
  const directory = sources.find(({ id, kind }) => kind === 'ldap' && id === search.source)
  if (directory)
    return (
      <TenantFrame
        host={op.host}
        title={`Sign in with ${directory.name}`}
        description="With the username and password that you have there."
      >
        <DirectoryForm sourceId={directory.id} signInPage={paths.signIn} next={search.next} />
      </TenantFrame>
    )
  return (
    <TenantFrame
      host={op.host}
      title="Sign in"
      description={slug === null ? 'to the console of your infrastructure' : `to the console of ${slug}`}
      footer={
        slug !== null ? (
          'Member of another tenant? Sign in as tenant\\user.'
        ) : offer ? (
          <TextLink href={paths.signUp}>New here? Create an organization</TextLink>
        ) : undefined
      }
    >
      <SignInForm
        action={paths.signIn}
        forgotPage={paths.forgot}
        isMain={slug === null}
        hint={parseLogin(hint).kind === 'invalid' ? undefined : hint}
        next={search.next}
        problem={problem}
      />
      {sources.length > 0 && <SourceButtons sources={sources} paths={paths} next={search.next} />}
    </TenantFrame>
  )
})
