import { type Verb, VERBS } from '@/lib/access'
import { type Level, PERMISSION_NAMES, type Permission, PERMISSIONS } from '@/lib/permissions'

type About = { id: string; verb: Verb } | { permission: Permission; level: Exclude<Level, 'none'> }

/** A question as the address of the page has it. */
export interface Question {
  about: About | null
  /** Empty: oneself. */
  userId: string
  /** Empty: the acting tenant. */
  tenantId: string
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const idIn = (text: string | undefined): string => (UUID.test(text ?? '') ? (text ?? '') : '')

/** Reads the address; what is not a question is none. */
export function readQuestion(search: Record<string, string | undefined>): Question {
  return { about: aboutOf(search), userId: idIn(search.user), tenantId: idIn(search.tenant) }
}

function aboutOf(search: Record<string, string | undefined>): About | null {
  const id = idIn(search.id)
  if (id) return { id, verb: VERBS.find((verb) => verb === search.verb) ?? 'see' }
  const permission = PERMISSION_NAMES.find((name) => name === search.permission)
  if (!permission) return null
  const levels = PERMISSIONS[permission].levels as readonly Level[]
  const level = levels.find((one) => one === search.level && one !== 'none') ?? levels[1] ?? 'full'
  return { permission, level: level as Exclude<Level, 'none'> }
}

/** The query of a question, to be put behind the page's path. */
export function questionQuery({ about, userId, tenantId }: Question): string {
  const params = new URLSearchParams()
  if (about && 'id' in about) {
    params.set('id', about.id)
    if (about.verb !== 'see') params.set('verb', about.verb)
  } else if (about) {
    params.set('permission', about.permission)
    params.set('level', about.level)
  }
  if (userId) params.set('user', userId)
  if (tenantId) params.set('tenant', tenantId)
  const text = params.toString()
  return text ? `?${text}` : ''
}
