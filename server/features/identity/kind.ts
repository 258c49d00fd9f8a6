import type { TestAnswer } from './identity.schema'
import type { KindName, ProviderOf } from './provider.schema'

/** An address of ours that the other side is told. */
export interface OwnAddress {
  label: string
  value: string
}

/**
 * What a kind of source knows to do. Each has its own file, and a line in kinds.ts. Methods rather than properties, so that TypeScript takes
 * one of a kind for one of any.
 */
export interface Kind<K extends KindName> {
  /** The words where it has no secret and needs one; null: it never has one. */
  secretMissing: string | null
  /** The field that says its issuer, for what is wrong with that. */
  issuerField: string
  /** As it is stored: `issuer` says, with the subject, who somebody is. @throws AppError 400 */
  store(provider: ProviderOf<K>): { issuer: string; settings: object }
  show(issuer: string, settings: unknown): ProviderOf<K>
  /** What the log says of it. */
  logged(provider: ProviderOf<K>): object
  /** To be registered at the other side, before there is a source. @param slug null: the master's host */
  addresses(slug: string | null, id: string): OwnAddress[]
  diagnose(provider: ProviderOf<K>): Promise<TestAnswer>
  /** It was tested or changed: what was remembered of it is old. */
  forget?(issuer: string): void
}
