import ts from 'typescript'
import { type Finder, replace, replaceWithin } from './edits'
import { conditionsOf } from './conditions'

/** A comparison of whose a row is with a value, where rows are chosen; as test/no-filters.ts has it. */
const OWNER =
  /(?<=\b(?:where|and|or|on)\s+\(*)(?:\w+\.)*(?:tenant_id|home_tenant_id|owner_id|assigned_id)\s*=\s*(?:any\s*\(\s*)?\$\{[^{}]*\}(?:::uuid(?:\[\])?)?\s*/gi
const SIGHT = /^\$\{\s*\w*(?:sight|reach|visible|mayS)\w*\s*\(/i
const ROW_LOCK = /\bfor (?:no key )?(?:update|share)\b(?: of \w+)?/gi

/** Filters and row locks in SQL: in the files that decide every condition, elsewhere those that say whose a row is. */
export function findFilters(finder: Finder, node: ts.Node): void {
  if (!ts.isTaggedTemplateExpression(node)) return
  const { source, file } = finder
  const start = node.template.getStart(source) + 1
  const text = source.text.slice(start, node.template.getEnd() - 1)
  const put = (kind: string, from: number, length: number, by: string) =>
    replaceWithin(finder, kind, node, start + from, start + from + length, by)
  if (file.startsWith('server/authz/')) {
    const found = conditionsOf(text)
    for (const { from, to, by } of found) put('sight', from, to - from, by)
    if (found.length === 0 && isCondition(node)) replace(finder, 'sight', node, 'sql`true`')
  } else {
    for (const {
      index,
      0: { length },
    } of text.matchAll(OWNER)) {
      const any = /any\s*\(/i.test(text.slice(index, index + length))
      const close = any && text[index + length] === ')' ? 1 : 0
      put('filter', index, length + close, 'true ')
    }
    for (const hole of holes(node)) {
      const from = hole.getStart(source) - 2
      if (SIGHT.test(text.slice(from - start))) put('filter', from - start, hole.getWidth(source) + 3, 'true')
    }
  }
  for (const { index, 0: lock } of text.matchAll(ROW_LOCK)) put('lock', index, lock.length, '')
}

const holes = (node: ts.TaggedTemplateExpression): ts.Expression[] =>
  ts.isTemplateExpression(node.template)
    ? node.template.templateSpans.map(({ expression }) => expression)
    : []

/** Whether a template is one comparison, such as the `where` of an arm of sight. */
const isCondition = (node: ts.TaggedTemplateExpression): boolean =>
  ts.isPropertyAssignment(node.parent) && node.parent.name.getText() === 'where'
