import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { PasswordForm } from '@/app/(console)/account/password/password-form'
import { Alert } from '@/ui/alert'

export const metadata = pageMetadata('(console)/account/password')

export default definePage('(console)/account/password', async ({ op, api, paths }) => {
  const { passwordMin } = await api.secondFactor.mine()
  const due = op.actor.mustChangePassword
  return (
    <div className="grid max-w-md gap-4">
      {due && (
        <Alert tone="warning" title="Choose a password of your own first">
          An administrator set the one you signed in with, or it is older than your tenant allows.
        </Alert>
      )}
      <PasswordForm username={op.actor.username} min={passwordMin} home={due ? paths.home : undefined} />
    </div>
  )
})
