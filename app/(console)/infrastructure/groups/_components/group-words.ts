import type { GroupDetail } from '@/server/features/groups/groups.schema'

/** Which of the tenant's roles hang on a group, in sentences. */
export function consequencesOf({ usedBy }: Pick<GroupDetail, 'usedBy'>): string[] {
  const { assignments, roles } = usedBy
  return [
    ...(roles.length > 0
      ? [`Named by ${roles.length === 1 ? 'the role' : 'the roles'} ${roles.join(', ')}.`]
      : []),
    ...(assignments === 1 ? ['One role was given to somebody in this group only.'] : []),
    ...(assignments > 1 ? [`${assignments} roles were given to people in this group only.`] : []),
  ]
}
