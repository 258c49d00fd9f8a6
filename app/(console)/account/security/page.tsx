import { MachineLoginsCard } from '@/app/(console)/_components/machine-logins/machine-logins-card'
import { AppCard } from '@/app/(console)/account/security/app-card'
import { PasskeysCard } from '@/app/(console)/account/security/passkeys-card'
import { RecoveryCard } from '@/app/(console)/account/security/recovery-card'
import { definePage, pageMetadata } from '@/app/_lib/define-page'

export const metadata = pageMetadata('(console)/account/security')

export default definePage('(console)/account/security', async ({ api }) => {
  const { totpSince, recoveryLeft, passkeys, required } = await api.secondFactor.mine()
  const logins = await api.machineLogins.mine()
  const factors = passkeys.length + (totpSince === null ? 0 : 1)
  return (
    <div className="grid max-w-2xl gap-6">
      <AppCard since={totpSince} isLast={required && factors === 1} />
      <PasskeysCard rows={passkeys} isLast={required && factors === 1} />
      <RecoveryCard left={recoveryLeft} hasFactor={factors > 0} />
      <MachineLoginsCard state={logins} userId={null} />
    </div>
  )
})
