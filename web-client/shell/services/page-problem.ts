/** Something that went wrong, in words for the reader; `code` is stable. */
export interface PageProblem {
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  /** The language of the detail where it is not that of the page: services explain in English. */
  readonly detailLanguage?: 'en';
  /** Line of the file, from 1. */
  readonly line?: number;
  /** Field of the request that the server does not take. */
  readonly field?: string;
  /** Whether the same action may succeed later; default false. */
  readonly retriable?: boolean;
}
