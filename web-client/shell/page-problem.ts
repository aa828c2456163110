/** Something that went wrong, in words; `code` is stable. */
export interface PageProblem {
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  /** Where in the file, as an editor counts. */
  readonly line?: number;
  /** Whether the same may succeed later; default false. */
  readonly retriable?: boolean;
}
