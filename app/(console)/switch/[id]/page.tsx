import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { definePage, pageMetadata } from '@/app/_lib/define-page'
import { prefixOf } from '@/app/_lib/prefix'
import { SwitchCard } from '@/app/(console)/switch/[id]/_components/switch-card'
import { safeReturnPath } from '@/lib/paths'

export const metadata = pageMetadata('(console)/switch/[id]')

/** On the way to another tenant. By itself it goes on only from a page of ours: a link from elsewhere opens no session (attack B11). */
export default definePage('(console)/switch/[id]', async ({ op, api, params, search }) => {
  const tenant = await api.switching.get({ id: params.id ?? '' })
  const next = safeReturnPath(search.next, '')
  if (tenant.current) redirect(`${prefixOf(op)}${next}`)
  const fromUs = (await headers()).get('sec-fetch-site') === 'same-origin'
  return <SwitchCard tenant={tenant} from={op.tenant.name} next={next} prefix={prefixOf(op)} now={fromUs} />
})
