import fs from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import { ROOT } from '../run'
import type { Edit, Finder } from './edits'
import { findDeclared } from './find-declared'
import { findFilters } from './find-filters'
import { findGuards } from './find-guards'
import { type Mutant, numbered } from './mutant'
import { type Makers, makersOf } from './refusals'

/**
 * No part of the product that asks who may: generated code, tests, and what runs PostgreSQL itself; nor what only explains an answer, which
 * server/features/explain/explain.mending.test.ts holds to the answer itself.
 */
const SKIP = /\.(?:test|fixture|d)\.ts$|^server\/(?:generated|sweep|platform\/postgres|authz\/explain)\//

/** The files that are searched, from the root: the server, and the pages' declarations. */
export function codeFiles(): string[] {
  const found = fs.readdirSync(path.join(ROOT, 'server'), { recursive: true, encoding: 'utf8' })
  const server = found.map((name) => `server/${name.split(path.sep).join('/')}`)
  return [...server.filter((file) => file.endsWith('.ts') && !SKIP.test(file)).sort(), 'app/pages.ts']
}

const parse = (file: string, text: string): ts.SourceFile =>
  ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS)

/** The mutants of one file's text. */
export function findInText(file: string, text: string, makers: Makers): Edit[] {
  const finder: Finder = { file, source: parse(file, text), edits: [] }
  const visit = (node: ts.Node): void => {
    findGuards(finder, node, makers)
    findDeclared(finder, node)
    findFilters(finder, node)
    ts.forEachChild(node, visit)
  }
  visit(finder.source)
  const named = numbered(finder.edits.map((edit) => ({ edit, id: edit.mutant.id })))
  return named.map(({ edit, id }) => ({ ...edit, mutant: { ...edit.mutant, id } }))
}

/** Functions of the product that make refusals. */
export function productMakers(): Makers {
  return makersOf(codeFiles().map((file) => parse(file, fs.readFileSync(path.join(ROOT, file), 'utf8'))))
}

/** A file as it was when its mutants were counted. */
export interface Searched {
  text: string
  edits: Edit[]
}

/** Every mutant of the product's code, by file. */
export function findInCode(): Map<string, Searched> {
  const texts = codeFiles().map((file) => [file, fs.readFileSync(path.join(ROOT, file), 'utf8')] as const)
  const makers = makersOf(texts.map(([file, text]) => parse(file, text)))
  const entries = texts.map(
    ([file, text]) => [file, { text, edits: findInText(file, text, makers) }] as const,
  )
  return new Map(entries.filter(([, { edits }]) => edits.length > 0))
}

/** All mutants of the product's code. */
export const codeMutants = (): Mutant[] =>
  [...findInCode().values()].flatMap(({ edits }) => edits.map(({ mutant }) => mutant))
