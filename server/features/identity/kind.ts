import type { ClaimNames } from './claims'
import type { TestAnswer } from './identity.schema'
import type { KindName, ProviderOf } from './provider.schema'

/** Something with its name. */
export interface Line {
  label: string
  value: string
}

/** What a test knows beside the provider. */
export interface Asked {
  /** Null: of a kind that has none. */
  secret: string | null
  /** What it is asked for; unset: what is usual. */
  names?: ClaimNames
}

/**
 * What a kind of source knows to do. Each has its own file, and a line in kinds.ts. Methods rather than properties, so that TypeScript takes
 * one of a kind for one of any.
 */
export interface Kind<K extends KindName> {
  /** The words where it has no secret and needs one; null: it never has one. */
  secretMissing: string | null
  /** Whom its secret is told: elsewhere the stored one is not sent, and has to be entered again (`secretAgain` says so). */
  secretGoesTo?(provider: ProviderOf<K>): string
  secretAgain?: string
  /** A test signs in with it. */
  testsSecret?: boolean
  /** The field that says its issuer, for what is wrong with that. */
  issuerField: string
  /** As it is stored: `issuer` says, with the subject, who somebody is. @throws AppError 400 */
  store(provider: ProviderOf<K>): { issuer: string; settings: object }
  show(issuer: string, settings: unknown): ProviderOf<K>
  /** What else says who somebody is, beside the issuer and a subject: it stays once people use it. */
  subjectBy?(provider: ProviderOf<K>): string
  /** More of it, in lines for people. */
  facts?(provider: ProviderOf<K>): Line[]
  /** What the log says of it. */
  logged(provider: ProviderOf<K>): object
  /** To be registered at the other side, before there is a source. @param slug null: the master's host */
  addresses(slug: string | null, id: string): Line[]
  /** The one form in which a group is compared. @throws AppError 400 on `roles` */
  group?(provider: ProviderOf<K>, group: string): string
  diagnose(provider: ProviderOf<K>, asked: Asked): Promise<TestAnswer>
  /** It was tested or changed: what was remembered of it is old. */
  forget?(issuer: string): void
}
