/** `DELETE /owners/{owner}`. */
export interface ErasedOwner {
  /** false: the same request goes on with what is left. */
  done: boolean;
  /** Rows that this request has removed, by kind. */
  removed: Record<string, number>;
}
