/** What may be said of an error: a stable code in snake case, and a sentence that quotes no data. */
export interface ErrorSummary {
  readonly code: string;
  readonly message: string;
}
